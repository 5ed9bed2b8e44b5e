/**
 * Two shards as processes of their own, one of them with a standby, on a real API server and one
 * service. Who wrote, the service's own record says.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataJobType } from '../../src/api/data-job.ts';
import { leaseNameOf, parseShard } from '../../src/cli/shard.ts';
import { eventually, type Program, projectFolder } from './programs.ts';
import { findProgram, findTarget } from './real-api-server.ts';
import { useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld, soonMs } from './world.ts';

/** Lease of 15 s, seen at most one retry of 2 s late. */
const takeoverMs = 17_000;
/** Reading the cluster and the service, once it leads, on a machine that has other work. */
const beginMs = 3_000;
/** Far less than a lease lasts. */
const silenceMs = 8_000;
/** Between two changes that a person makes. */
const changeEveryMs = 250;
/** Longer than a pass, its deployment and several polls of the service. */
const quietMs = 4_000;

const key = 'versatiledatakit.io/shard';
const selectors = { a: `${key}=a`, rest: `${key}!=a` } as const;
type Shard = keyof typeof selectors;

const server = useRealApiServer();

describe.skipIf(findTarget().kind === 'none')('two shards', () => {
  let world: ClusterWorld;
  const replicas = new Map<string, Program>();

  beforeAll(async () => {
    world = await createClusterWorld(server());
    for (const [name, shard] of [
      ['a-first', 'a'],
      ['rest', 'rest'],
      ['a-second', 'a'],
    ] as const) {
      replicas.set(name, startReplica(name, shard));
      const isThere = () => /"msg":"(synced|.* leads; waiting)"/.test(said(name));
      expect(await eventually(isThere, soonMs), said(name)).toBe(true);
    }
  });
  afterAll(() => world?.close());

  test('have a Lease each, and say which objects they are for', async () => {
    expect(await holderOf('a')).toBe(await holderSaidBy('a-first'));
    expect(await holderOf('rest')).toBe(await holderSaidBy('rest'));
    expect(said('a-second')).toMatch(/_[^ ]* leads; waiting/);
    for (const message of ['started', 'leading']) {
      expect(lineOf('a-first', message)?.labelSelector).toBe(selectors.a);
      expect(lineOf('rest', message)?.labelSelector).toBe(selectors.rest);
    }
  });

  test('look after their own objects', async () => {
    await applyIn('a', 'orders-of-a');
    await applyIn('rest', 'orders-of-rest');
    expect([writersOf('orders-of-a'), writersOf('orders-of-rest')]).toEqual([
      ['a-first'],
      ['rest'],
    ]);
  });

  test('hand an object over as it is, and its next change to the other shard', async () => {
    await applyIn('a', 'moved-orders');
    const before = await world.dataJob('moved-orders');
    await label('moved-orders', { [key]: null });
    await sleep(quietMs);
    expect(writersOf('moved-orders')).toEqual(['a-first']);
    expect((await world.dataJob('moved-orders')).status).toEqual(before.status);
    await applyIn('rest', 'moved-orders', { deployment: { enabled: true, schedule: '5 5 * * *' } });
    expect(writersOf('moved-orders')).toEqual(['a-first', 'rest']);
    await world.remove('moved-orders');
    expect(await eventually(() => world.isGone('moved-orders'), soonMs)).toBe(true);
    expect(writersOf('moved-orders')).toEqual(['a-first', 'rest']);
    expect((await world.job('moved-orders')).status).toBe(404);
  });

  test('that lose their leader to kill -9 go on with their own standby; the other one never stops', async () => {
    await applyIn('a', 'busy-a');
    await applyIn('rest', 'busy-rest');
    world.record.clear();
    const killedMs = performance.now();
    replicas.get('a-first')?.kill('SIGKILL');
    let tookMs: number | undefined;
    const restWrote: number[] = [];
    for (let count = 0; tookMs === undefined; count += 1) {
      const schedule = `${count % 60} 1 * * *`;
      await world.apply({ deployment: { enabled: true, schedule } }, 'busy-a');
      await world.apply({ deployment: { enabled: true, schedule } }, 'busy-rest');
      await sleep(changeEveryMs);
      const passedMs = performance.now() - killedMs;
      const writers = writersOf('busy-a');
      if (writers.includes('a-second')) tookMs = passedMs;
      else expect(passedMs, said('a-second')).toBeLessThan(takeoverMs + beginMs + soonMs);
      if (writersOf('busy-rest').length > 0) restWrote.push(passedMs);
      world.record.clear();
    }
    console.log(`kill -9 of the leader of a shard: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(takeoverMs + beginMs);
    const waits = restWrote.map((ms, index) => ms - (restWrote[index - 1] ?? 0));
    expect(restWrote.length).toBeGreaterThan(3);
    expect(Math.max(...waits), 'the longest silence of the other shard').toBeLessThan(silenceMs);
    expect(await holderOf('a')).toBe(await holderSaidBy('a-second'));
    expect(await holderOf('rest')).toBe(await holderSaidBy('rest'));
    for (const name of ['busy-a', 'busy-rest', 'orders-of-a']) {
      const isReady = () => world.conditionIs('Ready', 'True', name);
      expect(await eventually(isReady, soonMs), name).toBe(true);
    }
    expect(writersOf('orders-of-a')).toEqual([]);
  }, 120_000);

  function startReplica(name: string, shard: Shard): Program {
    return world.startOperator({
      args: [
        `--watch-label-selector=${selectors[shard]}`,
        ...['--leader-elect', `--leader-elect-namespace=${world.namespace}`],
      ],
      env: { VDK_CONTROL_SERVICE_USER_AGENT: name, HOSTNAME: name },
    });
  }

  function said(name: string): string {
    return replicas.get(name)?.output() ?? '';
  }

  function lineOf(name: string, message: string): Record<string, unknown> | undefined {
    const line = said(name)
      .split('\n')
      .find((each) => each.includes(`"msg":"${message}"`));
    return line === undefined ? undefined : JSON.parse(line);
  }

  async function holderSaidBy(name: string): Promise<unknown> {
    expect(await eventually(() => lineOf(name, 'leading') !== undefined, soonMs)).toBe(true);
    return lineOf(name, 'leading')?.identity;
  }

  async function holderOf(shard: Shard): Promise<unknown> {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases`;
    const { body } = await server().request('GET', `${leases}/${leaseNameOf(selectors[shard])}`);
    return body.spec?.holderIdentity;
  }

  /** Creates it with its label or changes it, and waits until it is ready. */
  async function applyIn(shard: Shard, name: string, spec: object = {}): Promise<void> {
    await world.apply({ ...spec }, name, shard === 'a' ? { [key]: 'a' } : {});
    const isReady = () => world.conditionIs('Ready', 'True', name);
    expect(await eventually(isReady, soonMs), name).toBe(true);
  }

  async function label(name: string, labels: Record<string, string | null>): Promise<void> {
    const of = { namespace: world.namespace, name };
    await world.kube.patch(dataJobType, of, { kind: 'merge', body: { metadata: { labels } } });
  }

  /** Who has written to that job, in order, each once for all that it wrote in a row. */
  function writersOf(name: string): readonly string[] {
    const all = world.record
      .filter(({ method, path, body }) => {
        const isCreate = JSON.stringify(body ?? {}).includes(`"job_name":"${name}"`);
        return method !== 'GET' && (isCreate || new RegExp(`/jobs/${name}(/|\\?|$)`).test(path));
      })
      .map(({ userAgent = '' }) => userAgent);
    return all.filter((each, index) => each !== all[index - 1]);
  }
});

const helm = findProgram('helm');

/** The rights are for one Lease by name: were it another name than the program's, nobody would lead. */
describe.skipIf(helm === undefined)('the chart of a shard', () => {
  const leaseIn = (text: string) => /resourceNames: \[(datajob-operator.*)\]/.exec(text)?.[1];

  test.each([
    ...['versatiledatakit.io/shard=a', '!versatiledatakit.io/shard', '! a', 'a', 'a,a', 'b ,a'],
    ...['a==b', ' a = b ', 'a in (b)', 'a!=b', 'a != b', 'a notin(b)', 'a=', 'a= ,b', 'a in ()'],
    ...['a in (c, b,c)', 'a in (b,,)', 'a in (b,c),d', 'a notin ( x , y ),  c', 'in in (in,notin)'],
    'a>5, b < 9',
  ])('gives the right to the Lease that the program names after "%s"', (selector) => {
    const text = rendered(selector);
    expect(leaseIn(text)).toBe(leaseNameOf(parseShard(selector)));
    expect(text).toContain(`- "--watch-label-selector=${selector}"`);
  });

  test('without a selector is that of all objects', () => {
    const text = rendered('');
    expect(leaseIn(text)).toBe(leaseNameOf(undefined));
    expect(text).not.toContain('--watch-label-selector');
  });
});

function rendered(selector: string): string {
  const chart = join(projectFolder, 'deploy/helm/datajob-operator');
  const values = [
    '--set=controlService.default.url=http://control-service.example.com',
    `--set-literal=operator.watchLabelSelector=${selector}`,
  ];
  const { status, stdout, stderr } = spawnSync(
    helm ?? 'helm',
    ['template', 'x', chart, ...values],
    {
      encoding: 'utf8',
    },
  );
  expect(status, stderr).toBe(0);
  return stdout;
}
