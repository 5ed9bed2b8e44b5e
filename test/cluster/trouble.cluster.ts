/**
 * What an API server does to its clients: it restarts, forgets history, and has very many objects.
 * None of it may cause a write: nothing has changed.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataJob, dataJobType } from '../../src/api/data-job.ts';
import { aManifest } from '../support/manifests.ts';
import { eventually, freePort, type Program, stopProgram } from './programs.ts';
import { startProxy, type TcpProxy } from './proxy.ts';
import { describeOnOwnServer, useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld, pollIntervalMs, whenSynced } from './world.ts';

const objects = Number(process.env.OBJECTS ?? 300);
/** Creations at one time; the API server would queue more. */
const atOnce = 16;
const convergedWithinMs = 60_000 + objects * 60;
/** A reflector waits 10 s at most, and once more when it learns that history is gone. */
const backWithinMs = 60_000;

const server = useRealApiServer();

const why = 'they restart the API server and compact etcd';

describeOnOwnServer(`${objects} objects`, { why }, () => {
  let world: ClusterWorld;
  let proxy: TcpProxy;
  let operator: Program;
  let metricsUrl: string;

  beforeAll(async () => {
    world = await createClusterWorld(server());
    proxy = await startProxy(server().url);
    operator = await started();
    const startedMs = performance.now();
    await createAll();
    const createdMs = performance.now() - startedMs;
    expect(await eventually(allReady, convergedWithinMs, 1_000)).toBe(true);
    tell('all Ready', { createdMs, readyMs: performance.now() - startedMs });
  }, convergedWithinMs * 2);
  afterAll(async () => {
    await stopProgram(operator);
    proxy?.close();
    await world?.close();
  }, convergedWithinMs);

  test('a new operator lists and watches them: time, memory and requests', async () => {
    await stopProgram(operator);
    world.record.clear();
    const startedMs = performance.now();
    operator = await started();
    const syncedMs = performance.now() - startedMs;
    await sleep(4 * pollIntervalMs);
    const requests = await kubeRequests();
    tell('restart', { syncedMs, peakMiB: peakMiB(), requests, calls: world.record.count() });
    expect(writesIn(requests)).toBe(0);
    expect(world.record.writes()).toBe(0);
    expect(world.record.count()).toBe(world.record.count('jobsQuery'));
    // The namespace, and a list and a watch of each kind; in pages where lists are not streamed.
    expect(requests.GET ?? 0).toBeLessThanOrEqual(8 + (2 * objects) / 500);
  });

  test('the API server dies and comes back: the operator goes on, and writes only what is new', async () => {
    const before = await kubeRequests();
    world.record.clear();
    await server().own?.stopApiServer('SIGKILL');
    await sleep(3_000);
    expect(operator.hasEnded).toBe(false);
    await server().own?.startApiServer();
    const tookMs = await isFollowed('orders-1', '4 4 * * *');
    const requests = difference(await kubeRequests(), before);
    tell('restart of the API server', { tookMs, peakMiB: peakMiB(), requests });
    expect(otherWrites('orders-1')).toEqual([]);
  });

  test('history is compacted while it is cut off: it reads all anew, and writes only what is new', async () => {
    const before = await kubeRequests();
    world.record.clear();
    proxy.cut();
    await world.apply({ deployment: { enabled: true, schedule: '8 8 * * *' } }, 'orders-2');
    await compact();
    // The server has a memory of its own, which would spare the operator from noticing.
    await server().own?.stopApiServer('SIGKILL');
    await server().own?.startApiServer();
    const readings = readingsFromTheStart();
    proxy.heal();
    const tookMs = await isFollowed('orders-2', '8 8 * * *');
    await sleep(4 * pollIntervalMs);
    const requests = difference(await kubeRequests(), before);
    tell('compaction', { tookMs, peakMiB: peakMiB(), requests });
    expect(readingsFromTheStart()).toBeGreaterThan(readings);
    expect(otherWrites('orders-2')).toEqual([]);
  });

  async function started(): Promise<Program> {
    const port = await freePort();
    metricsUrl = `http://127.0.0.1:${port}/metrics`;
    const { authorization = '' } = await server().connection.headers({ fresh: false });
    const token = authorization.replace('Bearer ', '');
    const program = world.startOperator({
      kubeconfigFile: server().kubeconfigWith('proxied', { token, url: proxy.url }),
      args: [`--metrics-bind-address=127.0.0.1:${port}`],
    });
    await whenSynced(program, 60_000);
    return program;
  }

  async function createAll(): Promise<void> {
    const names = Array.from({ length: objects }, (_, index) => `orders-${index + 1}`);
    const work = async () => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const manifest = aManifest({}, name);
        const metadata = { ...manifest.metadata, namespace: world.namespace };
        await world.kube.create(dataJobType, { ...manifest, metadata });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async function allReady(): Promise<boolean> {
    let continueToken: string | undefined;
    do {
      const page = await world.kube.list<DataJob>(dataJobType, {
        namespace: world.namespace,
        limit: 500,
        continueToken,
      });
      const isReady = ({ status }: DataJob) =>
        status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True');
      if (!page.items.every(isReady)) return false;
      continueToken = page.continueToken;
    } while (continueToken !== undefined);
    return true;
  }

  /** How long a change takes from now to the service. */
  async function isFollowed(name: string, cron: string): Promise<number> {
    const fromMs = performance.now();
    await world.apply({ deployment: { enabled: true, schedule: cron } }, name);
    expect(await eventually(async () => (await schedule(name)) === cron, backWithinMs)).toBe(true);
    return performance.now() - fromMs;
  }

  async function schedule(name: string): Promise<string | undefined> {
    return (await world.job(name)).body?.config?.schedule?.schedule_cron;
  }

  /** At the service, for any job but this one. */
  function otherWrites(name: string): readonly string[] {
    return world.record
      .filter(({ method, path }) => method !== 'GET' && !path.includes(`/jobs/${name}`))
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** Of the operator since its start, by method: its own count. */
  async function kubeRequests(): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(metricsUrl)).text();
    const counts: Record<string, number> = {};
    for (const [, method = '', count] of text.matchAll(
      /^rest_client_requests_total\{method="(\w+)".*\} (\d+)$/gm,
    )) {
      counts[method] = (counts[method] ?? 0) + Number(count);
    }
    return counts;
  }

  /** How often the operator asked for all objects, by the API server's record. */
  function readingsFromTheStart(): number {
    const lines = readFileSync(server().own?.auditFile ?? '', 'utf8').split('\n');
    return lines.filter(
      (line) =>
        line.includes('"userAgent":"datajob-operator"') && line.includes('sendInitialEvents=true'),
    ).length;
  }

  function peakMiB(): number {
    const text = readFileSync(`/proc/${operator.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(text)?.[1]) / 1_024);
  }

  async function compact(): Promise<void> {
    const etcd = server().own?.etcdUrl ?? '';
    const post = async (path: string, body: object) => {
      const answer = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) });
      expect(answer.status, path).toBe(200);
      return (await answer.json()) as { readonly header: { readonly revision: string } };
    };
    const { header } = await post('/v3/maintenance/status', {});
    await post('/v3/kv/compaction', { revision: header.revision, physical: true });
  }
});

function writesIn(requests: Readonly<Record<string, number>>): number {
  return Object.entries(requests).reduce((sum, [m, count]) => sum + (m === 'GET' ? 0 : count), 0);
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after).map(([method, count]) => [method, count - (before[method] ?? 0)]),
  );
}

function tell(what: string, figures: Readonly<Record<string, unknown>>): void {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value) : value;
  console.log(`${what}: ${JSON.stringify(figures, round)}`);
}
