import { expect, test } from 'vitest';
import { createDelays } from '../../src/kube/delays.ts';
import { createManualClock } from '../support/manual-clock.ts';

function aWorld() {
  const clock = createManualClock();
  const due: string[] = [];
  const delays = createDelays(clock, (key, lane) => due.push(`${key} ${lane} ${clock.elapsed()}`));
  return { clock, delays, due };
}

test('each is due at its time, with one timer for all', async () => {
  const { clock, delays, due } = aWorld();
  for (const [key, ms] of [
    ['late', 300],
    ['soon', 100],
    ['with soon', 100],
    ['next', 200],
  ] as const) {
    delays.set(key, ms, 'repair');
    expect(clock.asleepForMs()).toHaveLength(1);
  }
  await clock.advance(250);
  expect(due).toEqual(['soon repair 100', 'with soon repair 100', 'next repair 200']);
  await clock.advance(50);
  expect([due.at(-1), delays.size, clock.asleepForMs()]).toEqual(['late repair 300', 0, []]);
});

test('of two wishes the earlier time and the more urgent lane count, and whose wait it is', async () => {
  const { clock, delays, due } = aWorld();
  delays.set('later then', 100, 'periodic');
  delays.set('later then', 200, 'change', true);
  delays.set('sooner then', 200, 'change', true);
  delays.set('sooner then', 100, 'periodic');
  expect(['later then', 'sooner then'].map(delays.isFirm)).toEqual([false, false]);
  await clock.advance(1_000);
  expect(due.toSorted()).toEqual(['later then change 100', 'sooner then change 100']);
});

test('what was cancelled is not due, and leaves no timer behind', async () => {
  const { clock, delays, due } = aWorld();
  delays.set('one', 100, 'repair');
  delays.set('two', 200, 'repair');
  delays.cancel('one');
  expect(clock.asleepForMs()).toEqual([200]);
  delays.clear();
  expect([clock.asleepForMs(), delays.size]).toEqual([[], 0]);
  await clock.advance(1_000);
  expect(due).toEqual([]);
});

test('however often one changes, no wish is lost', async () => {
  const { clock, delays, due } = aWorld();
  delays.set('kept', 600_000, 'repair');
  for (let time = 0; time < 5_000; time += 1) {
    delays.cancel('busy');
    delays.set('busy', 600_000 + time, 'repair');
  }
  await clock.advance(700_000);
  expect(due).toEqual(['kept repair 600000', 'busy repair 604999']);
});
