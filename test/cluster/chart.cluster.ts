/**
 * The Helm chart on a real API server, with the real helm: what it installs, what stays when it
 * goes, and that its rights are exactly those that the operator uses.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { installFile, renderInstall } from '../../scripts/chart.ts';
import { type AuditedRequest, auditedRequests } from './audit.ts';
import { eventually, type Program, projectFolder, stopProgram } from './programs.ts';
import { findProgram } from './real-api-server.ts';
import { countedEvents, type Scenario, scenarios } from './scenarios.ts';
import { describeOnOwnServer, useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld, whenSynced } from './world.ts';

const chart = join(projectFolder, 'deploy/helm/datajob-operator');
const home = 'datajob-operator';
const address = 'http://control-service.example.com';
/** All scenarios one after another, and the counting of events, which takes a minute. */
const scenariosMs = 300_000;

const helmProgram = findProgram('helm');
const why = 'they read its audit log and change rights of the whole cluster';
/** Lists are not streamed here, as on older servers: only then is the right to list needed. */
const args = ['--feature-gates=WatchList=false'];
const server = useRealApiServer({ crds: false, args });

function helm(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(helmProgram ?? 'helm', args, {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '',
      HOME: server().folder,
      KUBECONFIG: server().kubeconfigFile,
    },
  });
  if (status !== 0) throw new Error(`helm ${args.join(' ')}\n${stderr}`);
  return stdout;
}

const install = (...args: readonly string[]) =>
  helm('upgrade', '--install', 'datajob-operator', chart, `--namespace=${home}`, ...args);
const withAddress = `--set=controlService.default.url=${address}`;

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind, looked at by tests only.
async function read(path: string): Promise<any> {
  const { status, body } = await server().request('GET', path);
  expect(status, `${path}: ${JSON.stringify(body)}`).toBe(200);
  return body;
}

const paths = {
  deployment: `/apis/apps/v1/namespaces/${home}/deployments/datajob-operator`,
  clusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles/datajob-operator',
  leaseRole: `/apis/rbac.authorization.k8s.io/v1/namespaces/${home}/roles/datajob-operator-leader-election`,
  crd: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/datajobs.versatiledatakit.io',
  lease: `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/datajob-operator`,
};

/** A kubeconfig with the account's own token, as a pod has it. */
async function kubeconfigOf(account: string): Promise<string> {
  const path = `/api/v1/namespaces/${home}/serviceaccounts/${account}/token`;
  const { status, body } = await server().request('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 7_200 },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return server().kubeconfigWith(account, { token: body.status.token, namespace: home });
}

const userOf = (account: string) => `system:serviceaccount:${home}:${account}`;
const requestsOf = (account: string) =>
  auditedRequests(server().own?.auditFile ?? '', userOf(account));
const refused = (account: string) => requestsOf(account).filter(({ allowed }) => !allowed);
const shown = ({ verb, what }: AuditedRequest) => `${verb} ${what}`;

describeOnOwnServer('the chart', { why, programs: ['helm', 'kubectl'] }, () => {
  beforeAll(async () => {
    await create('/api/v1/namespaces', 'v1', 'Namespace', {
      name: home,
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
    install(withAddress);
    const isServed = async () => {
      const list = '/apis/versatiledatakit.io/v1alpha1/datajobs';
      return (await server().request('GET', list)).status === 200;
    };
    expect(await eventually(isServed, 30_000)).toBe(true);
  });

  test('lints without a word, and every optional part renders', () => {
    expect(helm('lint', '--strict', chart, withAddress)).toContain('0 chart(s) failed');
    const text = helm(
      ...['template', 'x', chart, withAddress, '--set=replicaCount=2'],
      ...['--set=podDisruptionBudget.enabled=true', '--set=operator.namespaces={one,two}'],
      ...['--set=rbac.scope=Namespace', '--set=operator.clusterId=c', '--set=crds.keep=false'],
      ...['--set=networkPolicy.enabled=true', '--set=networkPolicy.egress[0].ports[0].port=443'],
      ...['--set=controlService.default.apiToken=t', '--set=extraArgs={--log-level=debug}'],
      '--set=controlService.default.authorizationUrl=https://issuer.example.com/token',
    );
    for (const part of [
      'PodDisruptionBudget',
      'kind: NetworkPolicy',
      '- Egress',
      '--namespace=one,two',
      'secretKeyRef',
      'kind: Role\n',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('ClusterRole');
    expect(text).not.toContain('resource-policy');
  });

  const impossible = [
    { name: 'no address', args: [], says: 'controlService.default.url' },
    {
      name: 'two replicas without leader election',
      args: [withAddress, '--set=replicaCount=2', '--set=leaderElection.enabled=false'],
      says: 'leaderElection',
    },
    {
      name: 'a namespaced installation that would look for the cluster id',
      args: [withAddress, '--set=rbac.scope=Namespace'],
      says: 'clusterId',
    },
    {
      name: 'a token without the place where it is exchanged',
      args: [withAddress, '--set=controlService.default.apiToken=t'],
      says: 'authorizationUrl',
    },
  ];
  test.each(impossible)('refuses $name in a sentence', ({ args, says }) => {
    expect(() => helm('template', 'x', chart, ...args)).toThrow(says);
  });

  test('install.yaml is what helm renders today, and every object in it is accepted', async () => {
    expect(renderInstall(helmProgram ?? 'helm')).toBe(readFileSync(installFile, 'utf8'));
    const kubectl = findProgram('kubectl') ?? 'kubectl';
    const { status, stdout, stderr } = spawnSync(
      kubectl,
      ['apply', '--dry-run=server', '--validate=strict', '-f', installFile],
      { encoding: 'utf8', env: { KUBECONFIG: server().kubeconfigFile, HOME: server().folder } },
    );
    expect(status, stderr).toBe(0);
    expect(stderr).not.toContain('would violate PodSecurity');
    expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(9);
  });

  test('its pod is admitted where Pod Security is restricted', async () => {
    const { spec } = await read(paths.deployment);
    const { status, body } = await server().request(
      'POST',
      `/api/v1/namespaces/${home}/pods?dryRun=All`,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'trial', namespace: home, labels: spec.template.metadata.labels },
        spec: spec.template.spec,
      },
    );
    expect(status, JSON.stringify(body)).toBe(201);
  });

  test(
    "with the account's own token all scenarios pass: nothing is refused, no right is unused",
    async () => {
      const world = await createClusterWorld(server());
      try {
        const operator = await startAs('datajob-operator', world);
        await whenSynced(operator);
        await inTurn([...scenarios, countedEvents], world);
        await stopProgram(operator);
      } finally {
        await world.close();
      }
      expect(refused('datajob-operator').map(shown)).toEqual([]);
      const used = new Set(requestsOf('datajob-operator').map(shown));
      const granted = [
        ...verbsOf(await read(paths.clusterRole)),
        ...verbsOf(await read(paths.leaseRole)),
      ];
      expect([...used].filter((each) => !/^(get|post) \//.test(each)).sort()).toEqual(
        granted.sort(),
      );
    },
    scenariosMs,
  );

  test(
    'without any one of its rights a scenario fails, and the refusal names that right',
    async () => {
      const clusterRole = await read(paths.clusterRole);
      const leaseRole = await read(paths.leaseRole);
      const all = [...verbsOf(clusterRole), ...verbsOf(leaseRole)];
      expect(all.length).toBeGreaterThan(10);
      for (const [index, missing] of all.entries()) {
        const account = `without-${index}`;
        await accountWithout(account, missing, clusterRole, leaseRole);
        await server().request('DELETE', paths.lease);
        const refusals = await failsAs(account, missing);
        expect(refusals.join('\n'), `without ${missing}`).toContain(missing);
      }
    },
    15 * 60_000,
  );

  test('an upgrade changes what it is told to, and leaves CRDs and jobs', async () => {
    const job = await aJob('upgrade-orders');
    const crd = await read(paths.crd);
    install(withAddress, '--set=operator.logLevel=debug');
    const { spec } = await read(paths.deployment);
    expect(spec.template.spec.containers[0].args).toContain('--log-level=debug');
    expect((await read(paths.crd)).metadata.uid).toBe(crd.metadata.uid);
    expect((await read(job.path)).metadata.uid).toBe(job.uid);
  });

  test('uninstalled, all that it made is gone but the CRDs, and every job is still there', async () => {
    const job = await aJob('uninstall-orders');
    const crd = await read(paths.crd);
    helm('uninstall', 'datajob-operator', `--namespace=${home}`);
    for (const path of [paths.deployment, paths.clusterRole, paths.leaseRole]) {
      expect((await server().request('GET', path)).status, path).toBe(404);
    }
    expect((await read(paths.crd)).metadata.uid).toBe(crd.metadata.uid);
    expect((await read(job.path)).metadata.uid).toBe(job.uid);
    install(withAddress);
    expect((await read(job.path)).metadata.uid).toBe(job.uid);
  });

  test('a CRD that was there before is taken over when helm is told to', async () => {
    helm('uninstall', 'datajob-operator', `--namespace=${home}`);
    const { metadata } = await read(paths.crd);
    const labels = { 'app.kubernetes.io/managed-by': null };
    await server().request('PATCH', paths.crd, { metadata: { labels, annotations: null } });
    expect(() => install(withAddress)).toThrow(/invalid ownership metadata/);
    install(withAddress, '--take-ownership');
    expect((await read(paths.crd)).metadata.uid).toBe(metadata.uid);
  });

  test(
    'an installation for one namespace needs no right outside of it',
    async () => {
      const world = await createClusterWorld(server());
      try {
        helm(
          ...[
            'upgrade',
            '--install',
            'datajob-operator',
            chart,
            `--namespace=${home}`,
            withAddress,
          ],
          ...['--set=rbac.scope=Namespace', '--set=operator.clusterId=trial'],
          `--set=operator.namespaces={${world.namespace}}`,
        );
        expect((await server().request('GET', paths.clusterRole)).status).toBe(404);
        const before = refused('datajob-operator').length;
        const operator = await startAs('datajob-operator', world);
        await whenSynced(operator);
        await inTurn(scenarios, world);
        await stopProgram(operator);
        expect(refused('datajob-operator').slice(before).map(shown)).toEqual([]);
      } finally {
        await world.close();
      }
    },
    scenariosMs,
  );
});

/** The program as the chart's Deployment starts it, with that account's token. */
async function startAs(account: string, world: ClusterWorld): Promise<Program> {
  const { spec } = await read(paths.deployment);
  const [container] = spec.template.spec.containers;
  expect(container.env[0]).toEqual({ name: 'VDK_CONTROL_SERVICE_REST_API_URL', value: address });
  return world.startOperator({
    command: container.args,
    namespaces: [],
    kubeconfigFile: await kubeconfigOf(account),
  });
}

async function inTurn(all: readonly Scenario[], world: ClusterWorld): Promise<void> {
  for (const { name, run } of all) {
    try {
      await run(world);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** What was refused, once something was; otherwise how the scenarios ended. */
async function failsAs(account: string, missing: string): Promise<readonly string[]> {
  const world = await createClusterWorld(server());
  try {
    const operator = await startAs(account, world);
    const wanted = missing === 'patch events.k8s.io/events' ? [countedEvents] : scenarios;
    const ended = Promise.all(wanted.map(({ run }) => run(world))).then(
      () => 'all scenarios passed',
      (error: unknown) => `${error}\n${operator.output().slice(-3_000)}`,
    );
    const isRefused = eventually(() => refused(account).length > 0, 100_000, 200);
    const end = await Promise.race([isRefused, ended]);
    await stopProgram(operator);
    const all = refused(account).map(shown);
    return all.length > 0 ? all : [String(end)];
  } finally {
    await world.close();
  }
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

function verbsOf({ rules }: { readonly rules: readonly Rule[] }): string[] {
  return rules.flatMap((rule) => rule.verbs.map((verb) => nameOf(rule, verb)));
}

function nameOf({ apiGroups: [group = ''], resources: [resource = ''] }: Rule, verb: string) {
  return `${verb} ${group || 'core'}/${resource}`;
}

/** An account with the chart's rights, less one verb. */
async function accountWithout(
  account: string,
  missing: string,
  ...roles: readonly { kind: string; rules: readonly Rule[] }[]
): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await create(`/api/v1/namespaces/${home}/serviceaccounts`, 'v1', 'ServiceAccount', {
    name: account,
  });
  for (const { kind, rules } of roles) {
    const folder = kind === 'Role' ? `${rbac}/namespaces/${home}` : rbac;
    const plural = `${kind.toLowerCase()}s`;
    const left = rules
      .map((rule) => ({
        ...rule,
        verbs: rule.verbs.filter((verb) => nameOf(rule, verb) !== missing),
      }))
      .filter(({ verbs }) => verbs.length > 0);
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await create(`${folder}/${plural}`, apiVersion, kind, { name: account }, { rules: left });
    await create(
      `${folder}/${kind.toLowerCase()}bindings`,
      apiVersion,
      `${kind}Binding`,
      { name: account },
      {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: account },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: home }],
      },
    );
  }
}

async function create(
  path: string,
  apiVersion: string,
  kind: string,
  metadata: object,
  rest: object = {},
): Promise<void> {
  const { status, body } = await server().request('POST', path, {
    ...{ apiVersion, kind, metadata },
    ...rest,
  });
  expect(status, `${path}: ${JSON.stringify(body)}`).toBe(201);
}

async function aJob(name: string): Promise<{ readonly path: string; readonly uid: string }> {
  const path = '/apis/versatiledatakit.io/v1alpha1/namespaces/default/datajobs';
  const { status, body } = await server().request('POST', path, {
    apiVersion: 'versatiledatakit.io/v1alpha1',
    kind: 'DataJob',
    metadata: { name },
    spec: { team: 'sales', source: { inline: { files: { '10_load.py': 'pass\n' } } } },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return { path: `${path}/${name}`, uid: body.metadata.uid };
}
