import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../src/sandbox/kube-api/json.ts';
import { entriesAt } from '../../../src/sandbox/kube-api/snapshot.ts';
import { createStore } from '../../../src/sandbox/kube-api/store.ts';

const anObject = (name: string, value = 0): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name },
  value,
});

const anyWrite = fc.record({
  resource: fc.constantFrom('things', 'others'),
  key: fc.constantFrom('a/x', 'a/y', 'a/y-z', 'b/x', 'b/y'),
  remove: fc.boolean(),
  value: fc.nat(9),
});

test('every past moment within the history can be read as it was', () => {
  fc.assert(
    fc.property(fc.array(anyWrite, { maxLength: 60 }), (writes) => {
      const store = createStore(1000);
      const moments = new Map<number, ReadonlyMap<string, unknown>>();
      const now = new Map<string, unknown>();
      for (const { resource, key, remove, value } of writes) {
        if (remove) store.remove(resource, key);
        else store.put(resource, key, anObject(key, value));
        if (resource === 'things' && remove) now.delete(key);
        if (resource === 'things' && !remove) now.set(key, value);
        moments.set(store.revision(), new Map(now));
      }
      for (const [revision, then] of moments) {
        const entries = entriesAt(store, 'things', '', revision) ?? [];
        const sorted = [...then].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(entries.map(({ key, object }) => [key, object.value])).toEqual(sorted);
        const inA = entriesAt(store, 'things', 'a/', revision) ?? [];
        expect(inA.map(({ key }) => key)).toEqual(
          sorted.map(([key]) => key).filter((key) => key.startsWith('a/')),
        );
      }
    }),
  );
});

test('events after a revision lead from the state then to the state now', () => {
  fc.assert(
    fc.property(fc.array(anyWrite, { minLength: 1, maxLength: 40 }), fc.nat(), (writes, pick) => {
      const store = createStore(1000);
      const revisions: number[] = [];
      for (const { resource, key, remove, value } of writes) {
        if (remove) store.remove(resource, key);
        else store.put(resource, key, anObject(key, value));
        revisions.push(store.revision());
      }
      const from = revisions[pick % revisions.length] as number;
      const state = new Map(
        (entriesAt(store, 'things', '', from) ?? []).map(({ key, object }) => [key, object.value]),
      );
      for (const { type, key, object } of store.since('things', from) ?? []) {
        expect(type).toBe(state.has(key) ? (type === 'DELETED' ? 'DELETED' : 'MODIFIED') : 'ADDED');
        if (type === 'DELETED') state.delete(key);
        else state.set(key, object.value);
      }
      expect([...state].sort()).toEqual(
        store.keys('things', '').map((key) => [key, store.get('things', key)?.value]),
      );
    }),
  );
});

test('history is bounded; what is older than it is told apart from what never happened', () => {
  const store = createStore(3);
  for (let i = 0; i < 20; i += 1) store.put('things', 'a', anObject('a', i));
  const forgotten = store.forgottenUpTo('things');
  expect(forgotten).toBeGreaterThan(1);
  expect(store.since('things', forgotten - 1)).toBeUndefined();
  const known = store.since('things', forgotten) ?? [];
  expect(known.length).toBeGreaterThanOrEqual(3);
  expect(known.length).toBeLessThan(6);
  expect(known.at(-1)?.revision).toBe(store.revision());
});

test('removing what is not there changes nothing', () => {
  const store = createStore(3);
  const before = store.revision();
  expect(store.remove('things', 'a')).toBeUndefined();
  expect(store.revision()).toBe(before);
});
