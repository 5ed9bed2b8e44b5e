import { expect, test } from 'vitest';
import { createRecent } from '../../../src/reconcile/datajob/recent.ts';

test('what happened is known for its time, of each object by itself, and the newest counts', () => {
  const recent = createRecent(1_000);
  recent.note('a', 5_000);
  expect(recent.lastAt('a', 6_000)).toBe(5_000);
  expect(recent.lastAt('a', 6_001)).toBeUndefined();
  expect(recent.lastAt('b', 5_000)).toBeUndefined();
  recent.note('a', 7_000);
  expect(recent.lastAt('a', 8_000)).toBe(7_000);
});
