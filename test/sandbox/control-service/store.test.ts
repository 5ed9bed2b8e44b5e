import { expect, test } from 'vitest';
import { openStore } from '../../../src/sandbox/control-service/store.ts';

test('a transaction that fails leaves nothing behind, and the next one works', () => {
  const store = openStore(undefined);
  expect(() =>
    store.transaction(() => {
      store.values.put('a', 'one');
      store.transaction(() => store.values.put('b', 'two'));
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(store.values.all()).toEqual([]);
  store.transaction(() => store.values.put('a', 'three'));
  expect(store.values.get('a')).toBe('three');
  store.close();
});

test('rows are found by key and by owner, in the order of their keys', () => {
  const store = openStore(undefined);
  const rows = store.collection<number>('numbers');
  rows.put('c', 3, 'x');
  rows.put('a', 1, 'x');
  rows.put('b', 2, 'y');
  expect([rows.all(), rows.of('x')]).toEqual([
    [1, 2, 3],
    [1, 3],
  ]);
  rows.deleteOf('x');
  expect([rows.all(), rows.delete('a'), rows.delete('b')]).toEqual([[2], false, true]);
  store.close();
});
