/**
 * A release's whole life, as people type it with Helm and kubectl: run against the embedded API
 * server and a real one, every step prints the same once ids and times are masked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Said, said } from '../conformance/kube-api/said.ts';
import { projectFolder } from './programs.ts';

export interface Step {
  /** The program, then what follows it. */
  readonly line: string;
  readonly stdin?: string;
  /** 0 unless told. */
  readonly code?: number;
  /** Somewhere in what it prints. */
  readonly says?: string;
}

const chart = join(projectFolder, 'deploy/helm/datajob-operator');
const address = '--set=controlService.default.url=http://control-service.example.com';
const values = `${address} --set=replicaCount=2 --set=podDisruptionBudget.enabled=true --set=networkPolicy.enabled=true`;
const upgrade = `helm upgrade op ${chart}`;
const installed =
  'deploy/op-datajob-operator netpol/op-datajob-operator svc/op-datajob-operator-metrics pdb/op-datajob-operator ' +
  'role/op-datajob-operator-leader-election rolebinding/op-datajob-operator-leader-election ' +
  'clusterrole/op-datajob-operator clusterrolebinding/op-datajob-operator sa/op-datajob-operator';

const job = `apiVersion: versatiledatakit.io/v1alpha1
kind: DataJob
metadata:
  name: ingest-a
spec:
  team: sales
  source:
    inline:
      files:
        10_ingest.sql: select 1
`;

export const steps: readonly Step[] = [
  { line: `helm install op ${chart}`, code: 1, says: 'controlService.default.url' },
  {
    line: `helm upgrade --install op ${chart} ${values} --create-namespace --dry-run=server`,
    says: 'STATUS: pending-install',
  },
  {
    line: `helm upgrade --install op ${chart} ${values} --create-namespace`,
    says: 'STATUS: deployed',
  },
  {
    line: 'kubectl wait crd/datajobs.versatiledatakit.io --for=condition=Established',
    says: 'condition met',
  },
  { line: `helm install op ${chart} ${values}`, code: 1, says: 'cannot reuse a name' },
  { line: 'helm list', says: 'deployed' },
  { line: 'helm list --all-namespaces --filter ^op$', says: 'deployed' },
  // As a table, Helm prints the kinds in any order.
  { line: 'helm status op -o yaml', says: 'kind: PodDisruptionBudget' },
  { line: 'helm get manifest op', says: 'kind: Deployment' },
  { line: 'helm get values op', says: 'replicaCount: 2' },
  { line: 'helm get metadata op', says: 'STATUS: deployed' },
  { line: `kubectl get ${installed}`, says: 'op-datajob-operator' },
  { line: `kubectl get ${installed} -o wide`, says: 'SELECTOR' },
  { line: `kubectl get ${installed} -o yaml --show-managed-fields`, says: 'manager: helm' },
  { line: `kubectl describe ${installed}`, says: 'max unavailable' },
  { line: 'kubectl get secret', says: 'helm.sh/release.v1' },
  { line: 'kubectl get secret -l owner=helm,status=deployed -o name', says: 'op.v1' },
  { line: 'kubectl apply -f -', stdin: job, says: 'created' },
  { line: `${upgrade} ${values}`, says: 'REVISION: 2' },
  {
    line: 'kubectl get deploy op-datajob-operator -o jsonpath={.metadata.generation}',
    says: '1',
  },
  { line: `${upgrade} ${address} --set=operator.logLevel=debug`, says: 'REVISION: 3' },
  { line: 'kubectl get pdb', says: 'No resources found' },
  { line: 'kubectl get deploy op-datajob-operator -o yaml', says: '--log-level=debug' },
  { line: 'helm history op', says: 'superseded' },
  { line: 'helm rollback op 1', says: 'Rollback was a success' },
  { line: 'kubectl get pdb', says: 'op-datajob-operator' },
  { line: 'kubectl get deploy op-datajob-operator -o yaml', says: '--log-level=info' },
  { line: 'helm history op', says: 'Rollback to 1' },
  { line: 'helm test op', says: 'TEST SUITE: None' },
  { line: 'kubectl set image deploy/op-datajob-operator operator=other:1', says: 'updated' },
  { line: `${upgrade} ${values}`, code: 1, says: 'conflict with "kubectl-set"' },
  { line: 'helm history op', says: 'failed' },
  { line: `${upgrade} ${values} --force-conflicts`, says: 'STATUS: deployed' },
  {
    line: `${upgrade} ${values} --wait --timeout=2s`,
    code: 1,
    says: 'Deployment/helm-script/op-datajob-operator not ready',
  },
  { line: 'helm rollback op 4', says: 'Rollback was a success' },
  { line: 'kubectl get dj', says: 'ingest-a' },
  { line: 'helm uninstall op --keep-history', says: 'kept due to the resource policy' },
  { line: `kubectl get ${installed}`, code: 1, says: '(NotFound)' },
  { line: 'helm history op', says: 'uninstalled' },
  { line: 'helm rollback op 1', says: 'Rollback was a success' },
  { line: `kubectl get ${installed} -o name`, says: 'deployment.apps/op-datajob-operator' },
  { line: 'helm uninstall op', says: 'uninstalled' },
  { line: 'helm uninstall op', code: 1, says: 'not found' },
  { line: 'helm list', says: 'NAME' },
  { line: 'helm status op', code: 1, says: 'not found' },
  { line: 'kubectl get secret', says: 'No resources found' },
  { line: 'kubectl get dj -o name', says: 'ingest-a' },
  { line: 'kubectl delete crd datajobs.versatiledatakit.io', says: 'deleted' },
  { line: 'kubectl get dj', code: 1, says: '(NotFound)' },
  { line: 'kubectl delete namespace helm-script', says: 'deleted' },
];

export interface Terminal {
  run(step: Step): Promise<Said>;
  close(): void;
}

/** Every step runs in one namespace, which no step before the first installation needs. */
export function createTerminal(
  programs: Readonly<Record<string, string>>,
  kubeconfigFile: string,
): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'datajob-operator-helm-'));
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfigFile };
  return {
    async run({ line, stdin }) {
      const [name = '', ...args] = line.split(' ');
      return await said(programs[name] ?? name, [...args, '--namespace=helm-script'], env, stdin);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
