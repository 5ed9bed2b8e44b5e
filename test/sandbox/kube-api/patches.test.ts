import { describe, expect, test } from 'vitest';
import { metadataSchema } from '../../../src/sandbox/kube-api/builtin/schema-words.ts';
import { JsonPatchError, jsonPatch } from '../../../src/sandbox/kube-api/patch-json.ts';
import { mergePatch } from '../../../src/sandbox/kube-api/patch-merge.ts';
import { strategicPatch } from '../../../src/sandbox/kube-api/patch-strategic.ts';

describe('a merge patch', () => {
  test.each([
    { why: 'null removes', target: { a: 1, b: 2 }, patch: { a: null }, is: { b: 2 } },
    { why: 'lists are replaced', target: { a: [1, 2] }, patch: { a: [3] }, is: { a: [3] } },
    {
      why: 'maps are merged',
      target: { a: { b: 1 } },
      patch: { a: { c: 2 } },
      is: { a: { b: 1, c: 2 } },
    },
    {
      why: 'a map replaces a text',
      target: { a: 'x' },
      patch: { a: { b: null, c: 1 } },
      is: { a: { c: 1 } },
    },
    { why: 'a text is the whole answer', target: { a: 1 }, patch: 'x', is: 'x' },
  ])('$why', ({ target, patch, is }) => {
    expect(mergePatch(target, patch)).toEqual(is);
  });

  test('does not reach the prototype, and leaves its target as it was', () => {
    const target = { a: { b: 1 } };
    const patch = JSON.parse('{"__proto__": {"polluted": true}, "a": {"b": 2}}');
    const result = mergePatch(target, patch) as Record<string, unknown>;
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(result)).toEqual(['a', '__proto__']);
    expect(target).toEqual({ a: { b: 1 } });
  });
});

describe('a JSON patch', () => {
  const document = { list: [1, 2, 3], map: { 'a/b': 1, 'c~d': 2 } };

  test.each([
    { patch: [{ op: 'add', path: '/list/1', value: 9 }], at: 'list', is: [1, 9, 2, 3] },
    { patch: [{ op: 'add', path: '/list/-', value: 9 }], at: 'list', is: [1, 2, 3, 9] },
    { patch: [{ op: 'add', path: '/list/3', value: 9 }], at: 'list', is: [1, 2, 3, 9] },
    { patch: [{ op: 'remove', path: '/list/0' }], at: 'list', is: [2, 3] },
    { patch: [{ op: 'replace', path: '/list/2', value: 9 }], at: 'list', is: [1, 2, 9] },
    { patch: [{ op: 'remove', path: '/map/a~1b' }], at: 'map', is: { 'c~d': 2 } },
    {
      patch: [{ op: 'move', from: '/map/c~0d', path: '/map/x' }],
      at: 'map',
      is: { 'a/b': 1, x: 2 },
    },
    {
      patch: [{ op: 'copy', from: '/list/0', path: '/map/x' }],
      at: 'map',
      is: { 'a/b': 1, 'c~d': 2, x: 1 },
    },
    { patch: [{ op: 'test', path: '/list', value: [1, 2, 3] }], at: 'list', is: [1, 2, 3] },
  ])('$patch', ({ patch, at, is }) => {
    expect((jsonPatch(document, patch) as Record<string, unknown>)[at]).toEqual(is);
  });

  test.each([
    { why: 'a test that fails', patch: [{ op: 'test', path: '/list/0', value: 2 }] },
    { why: 'removing what is not there', patch: [{ op: 'remove', path: '/map/none' }] },
    { why: 'replacing what is not there', patch: [{ op: 'replace', path: '/none', value: 1 }] },
    { why: 'a place beyond the end of a list', patch: [{ op: 'add', path: '/list/5', value: 1 }] },
    { why: 'a parent that is not there', patch: [{ op: 'add', path: '/none/x', value: 1 }] },
    { why: 'a path that is no pointer', patch: [{ op: 'add', path: 'map', value: 1 }] },
    { why: 'an operation that nobody knows', patch: [{ op: 'grow', path: '/map' }] },
  ])('$why is refused', ({ patch }) => {
    expect(() => jsonPatch(document, patch)).toThrow(JsonPatchError);
  });
});

describe('a strategic merge patch', () => {
  const owner = (uid: string, more = {}) => ({ uid, name: uid, ...more });

  // The orders are those that a real API server gave.
  test.each([
    {
      why: 'new items of a set come first',
      target: { finalizers: ['a', 'b'] },
      patch: { finalizers: ['c'] },
      is: { finalizers: ['c', 'a', 'b'] },
    },
    {
      why: 'items that were there keep their place',
      target: { finalizers: ['c', 'a', 'b'] },
      patch: { finalizers: ['d', 'a'] },
      is: { finalizers: ['d', 'c', 'a', 'b'] },
    },
    {
      why: 'an order that is given is kept among the items that it names',
      target: { finalizers: ['d', 'c', 'a', 'b'] },
      patch: { '$setElementOrder/finalizers': ['b', 'n', 'a'], finalizers: ['n'] },
      is: { finalizers: ['d', 'c', 'b', 'n', 'a'] },
    },
    {
      why: 'items are removed from a set by name',
      target: { finalizers: ['a', 'b'] },
      patch: { '$deleteFromPrimitiveList/finalizers': ['a'] },
      is: { finalizers: ['b'] },
    },
    {
      why: 'items with keys are merged by them',
      target: { ownerReferences: [owner('2'), owner('1')] },
      patch: { ownerReferences: [owner('1', { controller: true }), owner('3')] },
      is: { ownerReferences: [owner('2'), owner('1', { controller: true }), owner('3')] },
    },
    {
      why: 'an item with keys is deleted by a directive',
      target: { ownerReferences: [owner('1'), owner('2')] },
      patch: { ownerReferences: [{ $patch: 'delete', uid: '1' }] },
      is: { ownerReferences: [owner('2')] },
    },
    {
      why: 'a list is replaced by a directive',
      target: { ownerReferences: [owner('1'), owner('2')] },
      patch: { ownerReferences: [{ $patch: 'replace' }, owner('3')] },
      is: { ownerReferences: [owner('3')] },
    },
    {
      why: 'a map is replaced by a directive',
      target: { labels: { a: '1', b: '2' } },
      patch: { labels: { $patch: 'replace', c: '3' } },
      is: { labels: { c: '3' } },
    },
    {
      why: 'only the keys to retain are retained',
      target: { labels: { a: '1', b: '2' } },
      patch: { labels: { $retainKeys: ['b', 'c'], c: '3' } },
      is: { labels: { b: '2', c: '3' } },
    },
  ])('$why', ({ target, patch, is }) => {
    expect(strategicPatch(metadataSchema, target, patch)).toEqual(is);
  });
});
