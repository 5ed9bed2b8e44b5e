/**
 * docs/install.md as people follow it: each of its commands is run, as it stands, against a real
 * API server, and each of its values is rendered. What cannot be run here is named, with the reason.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from './programs.ts';
import { findProgram } from './real-api-server.ts';
import { describeOnOwnServer, useRealApiServer } from './use-real-api-server.ts';

const page = readFileSync(join(projectFolder, 'docs/install.md'), 'utf8');
const chart = 'deploy/helm/datajob-operator';
const address = '--set=controlService.default.url=https://control-service.example.com';

/** Pods do not run here, and nobody builds images: what these say instead is expected. */
const limits: readonly { readonly of: RegExp; readonly add?: string; readonly says: string }[] = [
  { of: /rollout status/, add: ' --timeout=2s', says: 'timed out waiting for the condition' },
  { of: /logs/, add: ' --pod-running-timeout=2s', says: 'timed out waiting for the condition' },
];
/** There is no container engine: scripts/image-steps.sh proves what the Dockerfile says. */
const unable = /^docker /;

/** In the order of a life: Helm's part first, the part without Helm after it. */
const sections = ['With Helm', 'Is it working?', 'Upgrade', 'Uninstall', 'Shards', 'With kubectl'];

const removeCrd = 'kubectl delete crd datajobs.versatiledatakit.io';
const crd = 'crd datajobs.versatiledatakit.io';
/** What the page takes for granted where it says a command. */
const preparations: readonly { readonly of: RegExp; readonly commands: readonly string[] }[] = [
  {
    of: /--take-ownership/, // the CRD as somebody else would have installed it, and no release
    commands: [
      'helm uninstall datajob-operator --namespace datajob-operator',
      `kubectl label ${crd} app.kubernetes.io/managed-by-`,
      `kubectl annotate ${crd} meta.helm.sh/release-name- meta.helm.sh/release-namespace-`,
    ],
  },
  {
    of: /^kubectl (?:label|annotate) datajob ingest-orders/,
    commands: ['kubectl apply -f examples/ingest-orders.yaml'],
  },
  { of: /--install shard-a/, commands: [removeCrd] },
  {
    of: /install\.yaml/,
    commands: ['helm uninstall shard-a shard-rest --namespace datajob-operator', removeCrd],
  },
];

const server = useRealApiServer({ crds: false, controllers: true });
const why = 'they install and remove the operator and its CRD';

describeOnOwnServer('docs/install.md', { why, programs: ['helm', 'kubectl'] }, () => {
  test('every command stands in a section that is run here, or cannot be run', () => {
    const all = commandsIn(page).filter((command) => !unable.test(command));
    expect(sections.flatMap((name) => commandsIn(sectionOf(name)))).toHaveLength(all.length);
    expect(all.length).toBeGreaterThanOrEqual(9);
  });

  const commands = sections.flatMap((name) => commandsIn(sectionOf(name)));
  test.each(commands)('%s', (command) => {
    const before = preparations.filter(({ of }) => of.test(command));
    for (const each of before.flatMap(({ commands: needed }) => needed)) {
      const { status, output } = run(each);
      expect(status, output).toBe(0);
    }
    const limit = limits.find(({ of }) => of.test(command));
    const { status, output } = run(`${command.replace(' … ', ` ${address} `)}${limit?.add ?? ''}`);
    if (limit === undefined) expect(status, output).toBe(0);
    else expect(output).toContain(limit.says);
  });

  test('what install.yaml made is what Helm made', () => {
    const { output } = run(
      'kubectl -n datajob-operator get deploy,svc,sa,role,rolebinding -o name',
    );
    expect(output.split('\n')).toContain('deployment.apps/datajob-operator');
    const shown = run('kubectl -n datajob-operator get deploy -o yaml').output;
    expect(shown).toContain('value: https://yours.example.com');
    expect(shown).toContain('image: registry.example.com/datajob-operator');
  });

  test.each(wishes())('values for the wish "$wish" are accepted: $values', ({ values }) => {
    const sets = values.map((value) => `--set '${value.replace('…', 'word')}'`).join(' ');
    const { status, output } = run(`helm template x ${chart} ${address} ${sets}`);
    expect(status, output).toBe(0);
  });
});

function run(command: string): { readonly status: number | null; readonly output: string } {
  const folder = findProgram('helm')?.replace(/\/helm$/, '');
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    cwd: projectFolder,
    encoding: 'utf8',
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: server().folder,
      KUBECONFIG: server().kubeconfigFile,
      VDK_API_TOKEN: 'a-token',
    },
  });
  return { status, output: `${stdout}\n${stderr}` };
}

function sectionOf(name: string): string {
  return page.split(/^## /m).find((each) => each.startsWith(`${name}\n`)) ?? '';
}

/** One for each line, together with those that a backslash at its end continues. */
function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)];
  return blocks.flatMap(([, block = '']) => block.trim().split(/(?<!\\)\n/));
}

/** The rows of the table of wishes; one that says "also" adds to the row before it. */
function wishes(): readonly { readonly wish: string; readonly values: readonly string[] }[] {
  const rows = [...sectionOf('With Helm').matchAll(/^\| (.*) \| (.*) \|$/gm)].slice(1);
  let before: readonly string[] = [];
  return rows.flatMap(([, wish = '', cell = '']) => {
    const own = [...cell.matchAll(/`([^`]+=[^`]+)`/g)].map(([, value = '']) => value);
    before = cell.startsWith('also') ? [...before, ...own] : own;
    return before.length > 0 ? [{ wish, values: before }] : [];
  });
}
