/**
 * What people do with kubectl, as a list of steps: run against the embedded API server and a real
 * one, they print the same once ids and times are masked.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { furtherSteps } from './kubectl-further.ts';
import { job } from './kubectl-job.ts';
import { type Said, said } from './said.ts';

export interface Step {
  readonly args: string;
  readonly stdin?: string;
  /** What the editor replaces, for `kubectl edit`. */
  readonly edit?: readonly [string, string];
  /** 0 unless told. */
  readonly code?: number;
  /** Somewhere in what it prints. */
  readonly says?: string;
  /** Why a real server prints something else: only the code and `says` are compared. */
  readonly differs?: string;
}

const settings = (value: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  answer: "${value}"
`;
const both = (value: string) => `${job('ingest-a')}---\n${settings(value)}`;

const everydaySteps: readonly Step[] = [
  { args: 'create namespace script', says: 'namespace/script created' },
  { args: 'get namespace script -o jsonpath={.status.phase}', says: 'Active' },
  { args: 'apply -f -', stdin: both('1'), says: 'configmap/settings created' },
  { args: 'apply -f -', stdin: both('1'), says: 'configmap/settings unchanged' },
  { args: 'diff -f -', stdin: both('1') },
  { args: 'diff -f -', stdin: both('2'), code: 1, says: '+  answer: "2"' },
  { args: 'apply -f -', stdin: both('2'), says: 'configmap/settings configured' },
  { args: 'apply --dry-run=server -f -', stdin: both('3'), says: 'configured (server dry run)' },
  { args: 'get cm settings -o jsonpath={.data.answer}', says: '2' },
  { args: 'get dj', says: 'ingest-a' },
  { args: 'get dj -o wide', says: 'SUSPENDED' },
  { args: 'get dj -o name', says: 'datajob.versatiledatakit.io/ingest-a' },
  { args: 'get dj ingest-a -o yaml', says: 'managementPolicy: Manage' },
  { args: 'get dj ingest-a -o json --show-managed-fields', says: 'kubectl-client-side-apply' },
  { args: 'get dj -o custom-columns=N:.metadata.name,T:.spec.team', says: 'sales' },
  { args: 'get dj nobody', code: 1, says: '(NotFound)' },
  { args: 'get nothings', code: 1, says: `doesn't have a resource type "nothings"` },
  { args: 'patch dj ingest-a --type merge -p {"spec":{"description":"one"}}', says: 'patched' },
  { args: 'patch dj ingest-a --type merge -p {"spec":{"description":"one"}}', says: '(no change)' },
  {
    args: 'patch dj ingest-a --type json -p [{"op":"replace","path":"/spec/description","value":"two"}]',
    says: 'patched',
  },
  { args: 'patch cm settings -p {"data":{"more":"yes"}}', says: 'patched' },
  { args: 'patch dj ingest-a -p {"spec":{}}', code: 1, says: 'is not supported by' },
  { args: 'label dj ingest-a tier=gold', says: 'labeled' },
  { args: 'label dj ingest-a tier=silver', code: 1, says: 'overwrite is false' },
  { args: 'label dj ingest-a tier=silver --overwrite', says: 'labeled' },
  { args: 'get dj -l tier=silver -o name', says: 'ingest-a' },
  { args: 'get dj -l tier=gold', says: 'No resources found' },
  { args: 'get dj --field-selector spec.team=sales -o name', says: 'ingest-a' },
  { args: 'get dj --field-selector spec.interval=10m', code: 1, says: 'field label not supported' },
  { args: 'annotate cm settings note=seen', says: 'annotated' },
  { args: 'describe dj ingest-a', says: 'Team:' },
  { args: 'describe cm settings', says: 'answer:' },
  { args: 'explain dj.spec.team', says: 'team <string>' },
  { args: 'explain dj --recursive', says: 'schedule' },
  { args: 'edit dj ingest-a', edit: ['description: two', 'description: three'], says: 'edited' },
  { args: 'edit dj ingest-a', edit: ['nothing', 'nothing'], says: 'Edit cancelled' },
  { args: 'edit cm settings', edit: ['more: "yes"', 'more: "no"'], says: 'edited' },
  { args: 'get dj ingest-a -o jsonpath={.spec.description}', says: 'three' },
  {
    args: 'wait dj/ingest-a --for=jsonpath={.spec.team}=sales --timeout=5s',
    says: 'condition met',
  },
  { args: 'wait dj/ingest-a --for=condition=Ready --timeout=1s', code: 1, says: 'timed out' },
  { args: 'apply --server-side -f -', stdin: both('2'), says: 'serverside-applied' },
  {
    args: 'apply --server-side --field-manager=other -f -',
    stdin: settings('4'),
    code: 1,
    says: 'conflict with "kubectl"',
  },
  {
    args: 'apply --server-side --field-manager=other --force-conflicts -f -',
    stdin: settings('4'),
    says: 'serverside-applied',
  },
  { args: 'get cm settings -o yaml --show-managed-fields', says: 'manager: other' },
  { args: 'apply -f -', stdin: job('BAD'), code: 1, says: 'a lowercase RFC 1123 subdomain' },
  {
    args: 'apply -f -',
    stdin: job('ingest-b', '\n  colour: red'),
    code: 1,
    says: 'unknown field "spec.colour"',
  },
  {
    args: 'apply --validate=warn -f -',
    stdin: job('ingest-b', '\n  colour: red'),
    says: 'Warning: unknown field "spec.colour"',
  },
  {
    args: 'apply -f -',
    stdin: job('ingest-c', '\n  managementPolicy: Perhaps'),
    code: 1,
    says: 'Unsupported value: "Perhaps"',
  },
  { args: 'create -f -', stdin: job('ingest-b'), code: 1, says: 'already exists' },
  { args: 'replace -f -', stdin: settings('5'), says: 'replaced' },
  { args: 'create configmap made --from-literal=a=b', says: 'created' },
  { args: 'create configmap made --from-literal=a=b', code: 1, says: 'already exists' },
  { args: 'create secret generic hidden --from-literal=word=sesame', says: 'created' },
  { args: 'get secret hidden -o jsonpath={.data.word}', says: 'c2VzYW1l' },
  { args: 'describe secret hidden', says: '6 bytes' },
  { args: 'get secret', says: 'Opaque' },
  { args: 'events', says: 'No events found' },
  { args: 'auth can-i create datajobs', says: 'yes' },
  { args: 'get lease', says: 'No resources found' },
  { args: 'delete dj ingest-b', says: 'deleted' },
  { args: 'delete dj ingest-a --cascade=foreground', says: 'deleted' },
  { args: 'delete cm settings --cascade=orphan', says: 'deleted' },
  { args: 'delete cm settings', code: 1, says: '(NotFound)' },
  { args: 'delete cm settings --ignore-not-found' },
  { args: 'delete secret --all', says: 'deleted' },
  { args: 'delete namespace script', says: 'namespace "script" deleted' },
  { args: 'get namespace script', code: 1, says: '(NotFound)' },
];

export const steps: readonly Step[] = [...everydaySteps, ...furtherSteps];

export interface Kubectl {
  run(step: Step): Promise<Said>;
  close(): void;
}

/** `program` is the path of a kubectl; every step runs in the namespace of the script. */
export function createKubectl(program: string, kubeconfigFile: string): Kubectl {
  const folder = mkdtempSync(join(tmpdir(), 'datajob-operator-kubectl-'));
  const editor = join(folder, 'editor');
  writeFileSync(editor, '#!/bin/sh\nsed "s/$FROM/$TO/" "$1" > "$1.new" && mv "$1.new" "$1"\n');
  chmodSync(editor, 0o700);
  return {
    run({ args, stdin, edit = ['', ''] }) {
      const [FROM, TO] = edit;
      const env = {
        ...process.env,
        HOME: folder,
        KUBECONFIG: kubeconfigFile,
        EDITOR: editor,
        FROM,
        TO,
      };
      return said(program, ['-n', 'script', ...args.split(' ')], env, stdin);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
