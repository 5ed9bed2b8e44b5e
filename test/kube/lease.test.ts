import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKubeClient } from '../../src/kube/client.ts';
import { createLeaderElection } from '../../src/kube/lease.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { sleep } from '../../src/platform/clock.ts';
import { type HttpTransport, handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createKubeApi } from '../../src/sandbox/kube-api/kube-api.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

const leases: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};
const name = { namespace: 'default', name: 'widget-operator' };

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseTransitions?: number;
    readonly renewTime?: string;
    readonly acquireTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

/** What the network of one instance does to requests. */
type Network = 'fine' | 'gone' | 'silent' | 'answers are lost' | 'ill' | 'slow';

function aCluster() {
  const clock = createManualClock();
  const random = createSeededRandom();
  const api = createKubeApi({ clock, random, log: silentLog });
  const direct = handlerTransport(api.handler);
  const common = { baseUrl: 'https://kubernetes.test', clock, log: silentLog, userAgent: 'test/1' };
  const admin = createKubeClient({ ...common, transport: direct });

  function anInstance(identity: string, drainMs = 0) {
    const lines: string[] = [];
    const note = (message: string) => void lines.push(message);
    const state = { network: 'fine' as Network, leads: 0, isWorking: false, paused: false };
    const missed: (() => void)[] = [];
    const transport: HttpTransport = async (request) => {
      const { network } = state;
      if (network === 'gone') throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
      if (network === 'silent') return await new Promise(() => {});
      if (network === 'ill') {
        return { status: 500, headers: new Map<string, string>(), body: nothing() };
      }
      const response = await direct(request);
      if (network === 'slow') await sleep(clock, 3_000);
      if (network === 'answers are lost') throw new Error('reset');
      return response;
    };
    // A process that was stopped: its timers fire late, while time goes on for all others.
    const ownClock = {
      ...clock,
      after: (ms: number, task: () => void) =>
        clock.after(ms, () => (state.paused ? void missed.push(task) : task())),
    };
    const election = createLeaderElection({
      client: createKubeClient({ ...common, clock: ownClock, transport }),
      clock: ownClock,
      random,
      log: { ...silentLog, info: note, warn: note },
      name,
      identity,
    });
    const stop = new AbortController();
    let failure: unknown;
    const lead = async (signal: AbortSignal) => {
      state.leads += 1;
      state.isWorking = true;
      await ended(signal);
      if (drainMs > 0) await sleep(clock, drainMs);
      state.isWorking = false;
      if (failure !== undefined) throw failure;
    };
    return {
      election,
      lines,
      state,
      lead,
      stop,
      run: (work = lead) => election.run(work, stop.signal),
      failWith(error: unknown) {
        failure = error;
      },
      resume() {
        state.paused = false;
        for (const task of missed.splice(0)) task();
      },
    };
  }
  const read = async () => (await admin.get<Lease>(leases, name)).spec;
  return { api, clock, admin, anInstance, read };
}

describe('taking and giving', () => {
  test('the first one leads at once, and the lease says who, since when and for how long', async () => {
    const { clock, anInstance, read } = aCluster();
    const one = anInstance('one');
    void one.run();
    await clock.settle();
    expect([one.election.isLeader, one.state.isWorking]).toEqual([true, true]);
    expect(await read()).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    await clock.advance(60_000);
    const later = await read();
    expect(later?.acquireTime).toBe('2026-01-01T00:00:00.000000Z');
    expect(Date.parse(later?.renewTime ?? '')).toBeGreaterThan(clock.now() - 2_001);
    expect(one.state.leads).toBe(1);
  });

  test('told to end, it works to the end under a renewed lease, and hands over within 2 s', async () => {
    const { clock, anInstance, read } = aCluster();
    const [one, two] = [anInstance('one', 30_000), anInstance('two')];
    const first = one.run();
    await clock.settle();
    void two.run();
    await clock.advance(5_000);
    one.stop.abort();
    await clock.advance(29_999);
    expect([one.state.isWorking, one.election.isLeader, two.state.leads]).toEqual([true, true, 0]);
    await clock.advance(1);
    await first;
    expect(one.election.isLeader).toBe(false);
    await clock.advance(2_000);
    expect(two.election.isLeader).toBe(true);
    expect(await read()).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
    expect(two.lines).toEqual(['one leads; waiting', 'leading']);
    expect(one.lines).toEqual(['leading', 'no longer leading: gave the lease away']);
  });

  test('work that ends by itself ends the election too', async () => {
    const { clock, anInstance, read } = aCluster();
    const one = anInstance('one');
    await one.run(async () => {});
    expect(await read()).toMatchObject({ holderIdentity: '' });
    expect(clock.asleepForMs()).toEqual([]);
  });

  test('work that fails gives the lease away, and its error is thrown', async () => {
    const { anInstance, read } = aCluster();
    const one = anInstance('one');
    const failing = one.run(async () => {
      throw new Error('a bug');
    });
    await expect(failing).rejects.toThrow('a bug');
    expect(await read()).toMatchObject({ holderIdentity: '' });
  });

  test('an error of work that was told to end is no news', async () => {
    const { clock, anInstance } = aCluster();
    const one = anInstance('one');
    one.failWith(new Error('cancelled'));
    const run = one.run();
    await clock.settle();
    one.stop.abort();
    await run;
  });

  test('told to end while it waits, it ends at once and takes nothing', async () => {
    const { clock, anInstance, read } = aCluster();
    const [one, two] = [anInstance('one'), anInstance('two')];
    void one.run();
    await clock.settle();
    const waiting = two.run();
    await clock.advance(3_000);
    two.stop.abort();
    await waiting;
    expect(two.state.leads).toBe(0);
    expect(await read()).toMatchObject({ holderIdentity: 'one' });
  });

  test('a lease that cannot be given away runs out', async () => {
    const { clock, anInstance } = aCluster();
    const one = anInstance('one');
    const run = one.run();
    await clock.settle();
    one.state.network = 'gone';
    one.stop.abort();
    await run;
    expect(one.lines).toEqual(['leading', 'could not give the lease away']);
  });
});

describe('losing', () => {
  test('a leader that dies is replaced within 17 s, at whatever moment it dies', async () => {
    for (let moment = 0; moment < 2_000; moment += 100) {
      const { clock, anInstance } = aCluster();
      const [one, two] = [anInstance('one'), anInstance('two')];
      void one.run();
      await clock.settle();
      void two.run();
      await clock.advance(20_000 + moment);
      one.state.network = 'silent';
      await clock.advance(12_000);
      expect(two.election.isLeader).toBe(false);
      await clock.advance(5_000);
      expect(two.election.isLeader, `died at ${moment}`).toBe(true);
    }
  });

  test('the lease counts from when a renewal was sent, not from when it was answered', async () => {
    const { clock, anInstance, read } = aCluster();
    const one = anInstance('one');
    void one.run();
    await clock.advance(20_000);
    one.state.network = 'slow';
    await clock.advance(8_000);
    one.state.network = 'silent';
    await clock.advance(3_000); // answers on their way still come
    const sentAt = Date.parse((await read())?.renewTime ?? '');
    await clock.advance(sentAt + 10_000 - 1 - clock.now());
    expect([one.election.isLeader, one.state.isWorking]).toEqual([true, true]);
    await clock.advance(2); // times in a lease have no fractions of a millisecond
    expect([one.election.isLeader, one.state.isWorking]).toEqual([false, false]);
  });

  test.each<Network>(['gone', 'silent', 'ill', 'answers are lost'])(
    'with a network that is %s, work ends 5 s before others may begin',
    async (network) => {
      const { clock, anInstance } = aCluster();
      const one = anInstance('one');
      void one.run();
      await clock.advance(20_000);
      one.state.network = network;
      await clock.advance(8_000 - 1);
      expect(one.state.isWorking).toBe(true);
      await clock.advance(2_001);
      expect([one.state.isWorking, one.election.isLeader]).toEqual([false, false]);
      expect(one.lines[1]).toMatch(/^No longer the leader: .*[^.]\.$/);
      expect(one.lines.join(), 'what is lost is not given away').not.toContain('give');
      one.state.network = 'fine';
      await clock.advance(6_000); // a request that hangs, and a wait
      expect(one.state.leads, 'it leads again when it can').toBe(2);
    },
  );

  test('one lost answer costs nothing', async () => {
    const { clock, anInstance } = aCluster();
    const one = anInstance('one');
    void one.run();
    await clock.advance(20_000);
    one.state.network = 'answers are lost';
    await clock.advance(2_000);
    one.state.network = 'fine';
    await clock.advance(60_000);
    expect([one.state.leads, one.lines]).toEqual([1, ['leading']]);
  });

  test('a lost answer to its first writing does not make it wait for itself', async () => {
    const { clock, anInstance } = aCluster();
    const one = anInstance('one');
    one.state.network = 'answers are lost';
    void one.run();
    await clock.settle();
    one.state.network = 'fine';
    await clock.advance(2_000);
    expect(one.election.isLeader).toBe(true);
  });

  test('a lease that somebody else took by force is given up at the next renewal', async () => {
    const { clock, anInstance, admin } = aCluster();
    const one = anInstance('one');
    void one.run();
    await clock.advance(5_000);
    const body = { spec: { holderIdentity: 'a person' } };
    await admin.patch(leases, name, { kind: 'merge', body });
    await clock.advance(2_000);
    expect(one.state.isWorking).toBe(false);
    expect(one.lines[1]).toBe('No longer the leader: a person holds it now.');
    await clock.advance(15_000);
    expect(one.state.leads, 'that person does not renew it').toBe(2);
  });

  test('a lease that was deleted is given up and made again', async () => {
    const { clock, anInstance, admin } = aCluster();
    const one = anInstance('one');
    void one.run();
    await clock.advance(5_000);
    await admin.remove(leases, name);
    await clock.advance(4_000);
    expect(one.lines[1]).toBe('No longer the leader: nobody holds it now.');
    expect([one.state.leads, one.election.isLeader]).toEqual([2, true]);
  });

  test('whoever waits does not take a lease that was deleted while its holder may not know', async () => {
    const { clock, admin, anInstance } = aCluster();
    const [one, two] = [anInstance('one'), anInstance('two')];
    void one.run();
    await clock.advance(3_000);
    void two.run();
    await clock.advance(3_000);
    one.state.network = 'silent';
    await admin.remove(leases, name);
    for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 500) {
      await clock.advance(500);
      expect([one.election.isLeader, two.election.isLeader]).not.toEqual([true, true]);
    }
    expect(two.election.isLeader).toBe(true);
  });

  test('after a long sleep the guard lets nothing through, before any timer has told', async () => {
    const { clock, anInstance } = aCluster();
    const [one, two] = [anInstance('one'), anInstance('two')];
    void one.run();
    await clock.settle();
    void two.run();
    await clock.advance(10_000);
    const passed: string[] = [];
    const guarded = one.election.guard(async ({ method }) => {
      passed.push(method);
      return { status: 200, headers: new Map(), body: nothing() };
    });
    await guarded({ method: 'POST', url: 'https://service.test' });
    one.state.paused = true;
    await clock.advance(60_000);
    expect(two.election.isLeader).toBe(true);
    await expect(guarded({ method: 'POST', url: 'https://service.test' })).rejects.toThrow(
      'No longer the leader: the lease may have run out.',
    );
    await guarded({ method: 'GET', url: 'https://service.test' });
    expect(passed).toEqual(['POST', 'GET']);
    one.resume();
    await clock.settle();
    expect(one.state.isWorking).toBe(false);
  });
});

test('an API server that refuses or is away is told once, and tried again', async () => {
  const { clock, anInstance } = aCluster();
  const one = anInstance('one');
  one.state.network = 'gone';
  void one.run();
  await clock.advance(60_000);
  expect(one.lines).toHaveLength(1);
  one.state.network = 'fine';
  await clock.advance(2_000);
  expect(one.election.isLeader).toBe(true);
});

test('whatever the networks do, no two lead at once, and in the end one does', async () => {
  const step = fc.record({
    who: fc.nat({ max: 2 }),
    what: fc.constantFrom<Network | 'pause' | 'resume'>(
      'fine',
      'gone',
      'silent',
      'ill',
      'slow',
      'answers are lost',
      'pause',
      'resume',
    ),
    ms: fc.nat({ max: 25_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const { clock, anInstance } = aCluster();
      const all = ['one', 'two', 'three'].map((identity) => anInstance(identity));
      for (const each of all) void each.run();
      const check = () => {
        expect(all.filter((each) => each.election.isLeader).length).toBeLessThanOrEqual(1);
        // A stopped process does not work, whatever it still believes.
        const working = all.filter((each) => each.state.isWorking && !each.state.paused);
        expect(working.length).toBeLessThanOrEqual(1);
      };
      const pass = async (ms: number) => {
        for (let left = ms; left > 0; left -= 1_000) {
          await clock.advance(Math.min(left, 1_000));
          check();
        }
      };
      for (const { who, what, ms } of steps) {
        const one = all[who];
        if (one === undefined) continue;
        if (what === 'pause') one.state.paused = true;
        else if (what === 'resume') {
          one.resume();
          await clock.settle();
        } else one.state.network = what;
        await pass(ms);
      }
      for (const each of all) {
        each.state.network = 'fine';
        each.resume();
      }
      await pass(20_000);
      expect(all.filter((each) => each.election.isLeader)).toHaveLength(1);
    }),
    { numRuns: 40 },
  );
});

async function* nothing(): AsyncGenerator<Uint8Array> {}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
