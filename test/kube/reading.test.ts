import { expect, test } from 'vitest';
import { beginReading } from '../../src/kube/reading.ts';
import { createStore } from '../../src/kube/store.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { atVersion, aWidget, type Widget, withMeta } from './scripted-api.ts';

const never = new AbortController().signal;

function aWorld() {
  const clock = createManualClock();
  const store = createStore<Widget>(silentLog);
  const heard: string[] = [];
  store.subscribe({
    added: ({ metadata }, initial) =>
      heard.push(`${initial ? 'initial' : 'added'} ${metadata.name}`),
    updated: ({ metadata }) => heard.push(`updated ${metadata.name}`),
    deleted: ({ metadata }) => heard.push(`deleted ${metadata.name}`),
  });
  const begin = (namespace?: string) => beginReading({ store, clock, namespace }, false);
  const names = () => [...store.values()].map(({ metadata }) => metadata.name);
  return { clock, store, heard, begin, names };
}

test('what comes is there at once, and only the end tells what is gone', async () => {
  const { store, heard, begin, names } = aWorld();
  for (const name of ['kept', 'changed', 'gone']) store.put(aWidget(name));
  heard.length = 0;
  const reading = begin();
  reading.put(aWidget('kept'));
  reading.put(aWidget('changed', atVersion(2)));
  reading.put(aWidget('new'));
  expect(heard).toEqual(['updated changed', 'added new']);
  await reading.end(never);
  expect(heard.slice(2)).toEqual(['deleted gone']);
  expect(names()).toEqual(['kept', 'changed', 'new']);
});

test('what comes and goes within a reading is gone; what comes back stays', async () => {
  const { begin, names } = aWorld();
  const reading = begin();
  for (const name of ['short-lived', 'back']) {
    reading.put(aWidget(name));
    reading.remove(aWidget(name, atVersion(2)));
  }
  reading.put(aWidget('back', atVersion(3)));
  await reading.end(never);
  expect(names()).toEqual(['back']);
});

test('a reading of one namespace leaves the others alone', async () => {
  const { store, begin, names } = aWorld();
  store.put(aWidget('one'));
  store.put(aWidget('two', withMeta({ namespace: 'b' })));
  await begin('b').end(never);
  expect(names()).toEqual(['one']);
});

test('however much is gone, others have their turn in between', async () => {
  const { clock, store, heard } = aWorld();
  const count = 10_000;
  for (let index = 0; index < count; index += 1) store.put(aWidget(`widget-${index}`));
  heard.length = 0;
  const pauses: number[] = [];
  const watched: Clock = {
    ...clock,
    after(ms, task) {
      pauses.push(heard.length);
      return clock.after(ms, task);
    },
  };
  const end = beginReading({ store, clock: watched }, false).end(never);
  await clock.advance(0);
  await end;
  expect(store.size).toBe(0);
  const pieces = [...pauses, count].map((at, index) => at - (pauses[index - 1] ?? 0));
  expect(Math.max(...pieces)).toBeLessThanOrEqual(500);
});

test('who is told to stop in the middle keeps the rest for the next reading', async () => {
  const { store, begin } = aWorld();
  for (let index = 0; index < 2_000; index += 1) store.put(aWidget(`widget-${index}`));
  const stop = new AbortController();
  const end = begin().end(stop.signal);
  stop.abort(new Error('asked to stop'));
  await expect(end).rejects.toThrow('asked to stop');
  expect(store.size).toBe(1_500);
});
