import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFifo } from '../../src/kube/fifo.ts';
import { createLanes, type Lane } from '../../src/kube/lanes.ts';
import { createManualClock } from '../support/manual-clock.ts';

const second = 1_000;

function someLanes() {
  const clock = createManualClock();
  const lanes = createLanes(clock);
  return { clock, lanes, taken: () => lanes.take()?.key };
}

test('in a lane, namespaces take turns, and in a namespace the first comes first', () => {
  const { lanes, taken } = someLanes();
  for (const key of ['a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'b/2']) lanes.put(key, 'change');
  lanes.put('cluster-wide', 'change');
  const order = Array.from({ length: 8 }, taken);
  expect(order).toEqual(['a/1', 'b/1', 'c/1', 'cluster-wide', 'a/2', 'b/2', 'a/3', undefined]);
});

test('a key waits once; only a more urgent lane moves it', () => {
  const { lanes, taken } = someLanes();
  expect(lanes.put('a/1', 'repair')).toBe(true);
  expect(lanes.put('a/1', 'periodic')).toBe(false);
  expect(lanes.put('a/1', 'repair')).toBe(false);
  expect(lanes.put('a/1', 'change')).toBe(false);
  expect(lanes.depth).toEqual({ change: 1, repair: 0, periodic: 0 });
  lanes.put('a/0', 'repair');
  expect([taken(), taken(), taken()]).toEqual(['a/1', 'a/0', undefined]);
});

test('a lane that has waited for 30 s gets every other turn, oldest first, and no more', async () => {
  const { clock, lanes, taken } = someLanes();
  for (const key of ['a/old-1', 'a/old-2', 'b/old-3']) lanes.put(key, 'periodic');
  lanes.put('a/repair', 'repair');
  await clock.advance(29_999);
  for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6']) lanes.put(key, 'change');
  expect(taken()).toBe('a/1');
  await clock.advance(1);
  const order = Array.from({ length: 10 }, taken);
  expect(order).toEqual([
    'a/repair', // as old as the others, and more urgent
    'a/2',
    'a/old-1',
    'a/3',
    'a/old-2',
    'a/4',
    'b/old-3',
    'a/5',
    'a/6',
    undefined,
  ]);
});

test('the longest wait is told', async () => {
  const { clock, lanes } = someLanes();
  expect(lanes.oldestWaitMs()).toBe(0);
  lanes.put('a/1', 'periodic');
  await clock.advance(second);
  lanes.put('a/2', 'change');
  await clock.advance(second);
  expect(lanes.oldestWaitMs()).toBe(2 * second);
});

describe('whatever is put', () => {
  const anyLane = fc.constantFrom<Lane>('change', 'repair', 'periodic');
  const anyKey = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 5 }))
    .map((p) => p.join('/'));

  test('each key is taken once per wait, and none is left behind', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), key: anyKey, lane: anyLane }),
      fc.record({ kind: fc.constant('take' as const), afterMs: fc.nat({ max: 40_000 }) }),
    );
    const script = fc.array(step, { maxLength: 200 });
    return fc.assert(
      fc.property(script, (steps) => {
        let now = 0;
        const lanes = createLanes({ now: () => now, elapsed: () => now, after: () => () => {} });
        const waiting = new Set<string>();
        const takeOne = () => {
          const key = lanes.take()?.key;
          expect(key === undefined ? waiting.size === 0 : waiting.delete(key)).toBe(true);
        };
        for (const one of steps) {
          if (one.kind === 'put') {
            expect(lanes.put(one.key, one.lane)).toBe(!waiting.has(one.key));
            waiting.add(one.key);
          } else {
            now += one.afterMs;
            takeOne();
          }
          const { change, repair, periodic } = lanes.depth;
          expect(change + repair + periodic).toBe(waiting.size);
        }
        while (waiting.size > 0) takeOne();
        expect(lanes.take()).toBeUndefined();
      }),
    );
  });

  test('a flood of urgent keys delays the others by its double at most, and they delay it so', () => {
    const patient = fc.array(fc.tuple(fc.constantFrom<Lane>('repair', 'periodic'), anyKey), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(patient, fc.integer({ min: 1, max: 3 }), (others, floodPerTurn) => {
        let now = 0;
        const lanes = createLanes({ now: () => now, elapsed: () => now, after: () => () => {} });
        const waiting = new Set(others.map(([, key]) => key));
        for (const [lane, key] of others) lanes.put(key, lane);
        const turnsMax = 30 + 2 * waiting.size;
        let urgent = 0;
        for (let turn = 0; turn < turnsMax; turn += 1) {
          for (let n = 0; n < floodPerTurn; n += 1) lanes.put(`z/${turn}-${n}`, 'change');
          const key = lanes.take()?.key ?? '';
          if (!waiting.delete(key)) urgent += 1;
          now += second;
        }
        expect([...waiting]).toEqual([]);
        expect(urgent).toBeGreaterThanOrEqual(Math.floor(turnsMax / 2));
      }),
    );
  });
});

test('a long flood through all lanes leaves nothing in memory', () => {
  let now = 0;
  const lanes = createLanes({ now: () => now, elapsed: () => now, after: () => () => {} });
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  let atHalf = 0;
  const turns = 400_000;
  for (let turn = 0; turn < turns; turn += 1) {
    // Urgent keys never run out; the periodic lane is served by overdue turns alone.
    lanes.put(`a/${turn % 50}`, 'change');
    lanes.put(`b/${turn % 70}`, 'repair');
    lanes.put(`${turn % 7}/${turn % 90}`, 'periodic');
    lanes.take();
    now += 100;
    if (turn === turns / 2) atHalf = heap();
  }
  const { change, repair, periodic } = lanes.depth;
  expect(change + repair + periodic).toBeLessThan(1_000);
  expect(heap() - atHalf).toBeLessThan(2 ** 20);
});

test('first in, first out, like a plain list, however long it grows', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 900 }) }),
    fc.record({ kind: fc.constant('shift' as const), count: fc.integer({ min: 1, max: 900 }) }),
    fc.record({ kind: fc.constant('drop' as const), below: fc.nat({ max: 5_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const fifo = createFifo<number>();
      let model: number[] = [];
      let next = 1;
      for (const one of steps) {
        if (one.kind === 'push') {
          for (let n = 0; n < one.count; n += 1) {
            fifo.push(next);
            model.push(next);
            next += 1;
          }
        } else if (one.kind === 'shift') {
          for (let n = 0; n < one.count; n += 1) expect(fifo.shift()).toBe(model.shift());
        } else {
          fifo.dropWhile((item) => item < one.below);
          model = model.filter((item) => item >= one.below);
        }
        expect(fifo.peek()).toBe(model[0]);
      }
    }),
  );
});
