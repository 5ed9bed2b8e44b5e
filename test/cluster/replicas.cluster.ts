/**
 * Two replicas under leader election, with a leader that dies, falls asleep, is cut off or told to
 * go, while people keep it busy. The service's own record says who wrote: never two at a time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, type Program, stopProgram } from './programs.ts';
import { startProxy, type TcpProxy } from './proxy.ts';
import { findTarget } from './real-api-server.ts';
import { useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld } from './world.ts';

/** Lease of 15 s, seen at most one retry of 2 s late. */
const takeoverMs = 17_000;
/** A standby looks every 2 s. */
const handOverMs = 2_000;
/** Reading the cluster and the service, once it leads, on a machine that has other work. */
const beginMs = 3_000;
const sleepMs = 60_000;

const server = useRealApiServer();

interface Replica {
  readonly name: string;
  readonly program: Program;
  /** Its way to the API server. */
  readonly proxy: TcpProxy;
}

describe.skipIf(findTarget().kind === 'none')('two replicas', () => {
  let world: ClusterWorld;
  let replicas: Replica[];
  let stopPeople: () => Promise<void>;

  beforeAll(async () => {
    world = await createClusterWorld(server());
  });
  afterAll(() => world?.close());

  beforeEach(async () => {
    world.record.clear();
    stopPeople = keepBusy();
    // One after the other, so that each test knows who leads.
    replicas = [await startReplica('one')];
    await writesOf('one');
    replicas.push(await startReplica('two'));
    const isWaiting = () => /leads; waiting/.test(replica('two').program.output());
    expect(await eventually(isWaiting, 20_000)).toBe(true);
  });
  afterEach(async () => {
    await stopPeople();
    for (const { program, proxy } of replicas) {
      program.kill('SIGCONT');
      proxy.close();
      await stopProgram(program, 1_000);
    }
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases/datajob-operator`;
    await server().request('DELETE', lease);
  });

  test('the leader is killed: the other one takes over in time', async () => {
    replica('one').program.kill('SIGKILL');
    const tookMs = await writesOf('two');
    tell('kill -9', tookMs);
    expect(tookMs).toBeLessThan(takeoverMs + beginMs);
    expectTurns(['one', 'two']);
  });

  test('the leader sleeps for a minute: it wakes as a follower, and has written nothing', async () => {
    replica('one').program.kill('SIGSTOP');
    const stoppedMs = performance.now();
    const tookMs = await writesOf('two');
    tell('SIGSTOP', tookMs);
    expect(tookMs).toBeLessThan(takeoverMs + beginMs);
    await sleep(sleepMs - (performance.now() - stoppedMs));
    replica('one').program.kill('SIGCONT');
    const isFollower = () => /leads; waiting/.test(lately('one'));
    expect(await eventually(isFollower, 30_000), replica('one').program.output()).toBe(true);
    await sleep(5_000);
    expectTurns(['one', 'two']);
  }, 180_000);

  test('the leader is cut off from the API server: it stops before the other one begins', async () => {
    replica('one').proxy.cut();
    const tookMs = await writesOf('two');
    tell('partition', tookMs);
    expect(tookMs).toBeLessThan(takeoverMs + beginMs);
    replica('one').proxy.heal();
    await sleep(5_000);
    expectTurns(['one', 'two']);
  });

  test('the leader is told to go: it hands over at once', async () => {
    const askedMs = performance.now();
    replica('one').program.kill('SIGTERM');
    const leads = () => /"msg":"leading"/.test(replica('two').program.output());
    expect(await eventually(leads, takeoverMs, 10)).toBe(true);
    const tookMs = performance.now() - askedMs;
    tell('SIGTERM, to leading', tookMs);
    expect(await replica('one').program.ended).toBe(0);
    expect(tookMs).toBeLessThan(handOverMs + 500);
    await writesOf('two');
    expectTurns(['one', 'two']);
  });

  function replica(name: string): Replica {
    return replicas.find((each) => each.name === name) as Replica;
  }

  /** The newest of what it said. */
  function lately(name: string): string {
    return replica(name).program.output().split('\n').slice(-4).join('\n');
  }

  async function startReplica(name: string): Promise<Replica> {
    const proxy = await startProxy(server().url);
    const token = await adminToken();
    const program = world.startOperator({
      kubeconfigFile: server().kubeconfigWith(name, { token, url: proxy.url }),
      args: ['--leader-elect', `--leader-elect-namespace=${world.namespace}`],
      env: { VDK_CONTROL_SERVICE_USER_AGENT: name },
    });
    return { name, program, proxy };
  }

  async function adminToken(): Promise<string> {
    const { authorization = '' } = await server().connection.headers({ fresh: false });
    return authorization.replace('Bearer ', '');
  }

  /** Until this one writes at the service; how long that took. */
  async function writesOf(name: string): Promise<number> {
    const fromMs = performance.now();
    const writes = () => writers().includes(name);
    const wrote = await eventually(writes, 40_000, 20);
    expect(wrote, replicas.map(({ program }) => program.output()).join('\n')).toBe(true);
    return performance.now() - fromMs;
  }

  /** Who wrote at the service, in the order in which it was done. */
  function writers(): readonly string[] {
    return world.record
      .filter(({ method }) => method !== 'GET')
      .map(({ userAgent = '' }) => userAgent);
  }

  /** Whoever writes after another has begun would show as one turn more. */
  function expectTurns(turns: readonly string[]): void {
    const all = writers();
    expect(all.filter((name, index) => name !== all[index - 1])).toEqual(turns);
  }

  /** Changes that give whoever leads something to write, several times a second. */
  function keepBusy(): () => Promise<void> {
    const stopping = new AbortController();
    const work = async () => {
      for (let count = 0; !stopping.signal.aborted; count += 1) {
        const schedule = `${count % 60} ${Math.floor(count / 60) % 24} * * *`;
        await world.apply({ deployment: { enabled: true, schedule } }, `busy-orders-${count % 5}`);
        await sleep(100);
      }
    };
    const working = work();
    return async () => {
      stopping.abort();
      await working;
    };
  }
});

function tell(what: string, tookMs: number): void {
  console.log(`${what}: ${Math.round(tookMs)} ms`);
}
