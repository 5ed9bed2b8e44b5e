/**
 * The shipped queue with as many keys as a large cluster has, a twentieth of which fail for ever:
 * what that costs the others, in waiting and in memory. All on virtual time, so that the figures
 * are the same on every machine; only the heap is the machine's own.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createHeap } from '../../src/kube/heap.ts';
import { createWorkqueue, type Lane, type WorkqueueStats } from '../../src/kube/workqueue.ts';
import { type Clock, sleep } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

const healthyKeys = 19_000;
const failingKeys = 1_000;
const namespaces = 40;
const concurrency = 8;
/** What one pass takes: a few requests. */
const passMs = 100;
const minute = 60_000;
/** All keys are looked at again this often, as after a resync: alternately in both patient lanes. */
const roundMs = 15 * minute;
const rounds = 9;
/** Without keys that fail, all rounds after the first are alike. */
const roundsAlone = 3;
/** And all the while people change healthy keys. */
const changeEveryMs = 487;

/** The longest back-off with its jitter: a failing key comes back no sooner once it has reached it. */
const backoffMaxMs = 5 * minute;
const soonestReturnMs = 0.8 * backoffMaxMs;
/** 1, 2, 4 … 256 s, a fifth sooner, before a key that begins to fail has reached it. */
const firstRetries = 9;

test('of 20,000 keys a twentieth fails for ever: the others wait hardly longer, and nothing grows', async () => {
  const alone = await someHours(0, roundsAlone);
  const together = await someHours(failingKeys, rounds);
  tell('alone', alone);
  tell('with 1,000 that fail', together);

  // Every place is taken until the backlog is worked off, so a wait is the work before it.
  const timeFor = (passes: number) => (passes * passMs) / concurrency;
  for (const [index, { busyMs, patient, urgent }] of together.rounds.entries()) {
    const changes = Math.ceil(busyMs / changeEveryMs);
    const retries = index === 0 ? firstRetries : Math.ceil(busyMs / soonestReturnMs);
    const bound = timeFor(healthyKeys + changes + failingKeys * (1 + retries)) + passMs;
    expect(patient.max, `round ${index}`).toBeLessThanOrEqual(bound);
    // A person waits for a place to become free, and for the overdue key that may go first.
    expect(urgent.max, `round ${index}`).toBeLessThanOrEqual(2 * passMs);
    if (index === 0) continue;
    // Once all have backed off, what they cost is their part of the work: a run per round and a
    // retry every four to five minutes, a tenth; and people do not feel it at all.
    const before = alone.rounds.at(-1);
    expect(patient.max, `round ${index}`).toBeLessThan((before?.patient.max ?? 0) * 1.12);
    expect(urgent.p99 - (before?.urgent.p99 ?? 0), `round ${index}`).toBeLessThan(passMs / 2);
  }

  // Between the rounds nothing waits; each failing key is in one wish for later, and in nothing else.
  for (const { atEnd } of together.rounds) {
    expect(atEnd.waiting).toEqual({ change: 0, repair: 0, periodic: 0 });
    expect(atEnd.delayed + atEnd.running).toBeLessThanOrEqual(failingKeys + concurrency);
    expect(atEnd.timers).toBeLessThanOrEqual(failingKeys + 2 * concurrency + 2);
  }
  // Generous, because a heap is never quite still: a leak of 100 bytes per run would be 15 MB.
  const heaps = together.rounds.map(({ heapBytes }) => heapBytes);
  expect((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)).toBeLessThan(5 * 2 ** 20);
}, 120_000);

interface Waits {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Round {
  /** Of healthy keys that somebody changed, and of those that are only looked at again. */
  readonly urgent: Waits;
  readonly patient: Waits;
  /** From its begin until the backlog was worked off. */
  readonly busyMs: number;
  readonly atEnd: WorkqueueStats & { readonly timers: number };
  readonly heapBytes: number;
}

async function someHours(failing: number, rounds: number) {
  const clock = createFastClock();
  const random = createSeededRandom(7);
  const healthy = keys('healthy', healthyKeys);
  const bad = new Set(keys('failing', failing));
  let waits: Record<'urgent' | 'patient', number[]> = { urgent: [], patient: [] };
  const added = new Map<string, { readonly at: number; readonly how: 'urgent' | 'patient' }>();
  let passes = 0;
  const queue = createWorkqueue({
    clock,
    random,
    log: silentLog,
    concurrency,
    async handle(key, signal) {
      passes += 1;
      const since = added.get(key);
      added.delete(key);
      if (since !== undefined) waits[since.how].push(clock.elapsed() - since.at);
      await sleep(clock, passMs, signal);
      if (bad.has(key)) throw new Error('always');
      return {};
    },
  });
  const add = (key: string, lane: Lane) => {
    // From the moment that it waits for; a change moves it to the front.
    const before = added.get(key);
    const how = lane === 'change' ? 'urgent' : 'patient';
    if (!bad.has(key) && (before === undefined || how === 'urgent'))
      added.set(key, { at: clock.elapsed(), how });
    queue.add(key, lane);
  };
  const stop = new AbortController();
  const run = queue.run(stop.signal);
  const change = () => {
    add(healthy[Math.floor(random.next() * healthy.length)] ?? '', 'change');
    clock.after(changeEveryMs, change);
  };
  change();
  const all: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    waits = { urgent: [], patient: [] };
    const lane = round % 2 === 0 ? 'periodic' : 'repair';
    const beganAt = clock.elapsed();
    for (const key of shuffled([...healthy, ...bad], random.next)) add(key, lane);
    const isLeft = () => [...added.values()].some(({ how }) => how === 'patient');
    let busyMs = 0;
    while (clock.elapsed() < beganAt + roundMs - 1) {
      await clock.advance(Math.min(5_000, beganAt + roundMs - 1 - clock.elapsed()));
      if (busyMs === 0 && !isLeft()) busyMs = clock.elapsed() - beganAt;
    }
    await clock.advance(1);
    all.push({
      urgent: summary(waits.urgent),
      patient: summary(waits.patient),
      busyMs,
      atEnd: { ...queue.stats(), timers: clock.timers },
      heapBytes: heapBytes(),
    });
  }
  stop.abort();
  await clock.advance(minute);
  await run;
  return { rounds: all, passes };
}

function keys(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `ns-${n % namespaces}/${what}-${n}`);
}

function shuffled<T>(items: T[], next: () => number): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(next() * (last + 1));
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}

function summary(waits: number[]): Waits {
  const sorted = waits.sort((a, b) => a - b);
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function tell(name: string, { rounds: all, passes }: Awaited<ReturnType<typeof someHours>>): void {
  const seconds = ({ p50, p99, max }: Waits) =>
    [p50, p99, max].map((ms) => (ms / 1_000).toFixed(1)).join(' / ');
  console.log(`${name}: ${passes} passes in ${(all.length * roundMs) / (60 * minute)} h`);
  for (const [index, { urgent, patient, atEnd, heapBytes: bytes }] of all.entries()) {
    console.log(
      `  round ${index}: wait p50/p99/max in s: changes ${seconds(urgent)}, others ` +
        `${seconds(patient)}; then ${atEnd.delayed} delayed, ${atEnd.timers} timers, ` +
        `${(bytes / 2 ** 20).toFixed(1)} MiB heap`,
    );
  }
}

interface Timer {
  readonly at: number;
  readonly tie: number;
  readonly task: () => void;
}

/** The manual clock for very many timers: in a heap, and with as few turns of the loop as will do. */
function createFastClock(): Clock & {
  advance(ms: number): Promise<void>;
  readonly timers: number;
} {
  const heap = createHeap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.tie < b.tie));
  const live = new Set<Timer>();
  let elapsed = 0;
  let tie = 0;
  return {
    now: () => elapsed,
    elapsed: () => elapsed,
    get timers() {
      return live.size;
    },
    after(delayMs, task) {
      tie += 1;
      const timer = { at: elapsed + Math.max(delayMs, 0), tie, task };
      heap.push(timer);
      live.add(timer);
      return () => live.delete(timer);
    },
    async advance(ms) {
      const end = elapsed + ms;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve)); // promise chains end before it
        const timer = heap.peek();
        if (timer === undefined || timer.at > end) break;
        elapsed = Math.max(elapsed, timer.at);
        for (let due = heap.peek(); due !== undefined && due.at <= elapsed; due = heap.peek()) {
          heap.pop();
          if (live.delete(due)) due.task();
        }
      }
      elapsed = end;
    },
  };
}
