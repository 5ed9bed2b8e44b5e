import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  difference,
  differenceBelow,
  emptySet,
  fromFieldsV1,
  intersection,
  isEmpty,
  pathsOf,
  pathText,
  sameSet,
  setOf,
  toFieldsV1,
  union,
} from '../../../../src/sandbox/kube-api/apply/field-set.ts';

const anyPath = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"type":"Ready"}', 'v:"x"'), {
  minLength: 1,
  maxLength: 3,
});
const anySet = fc.array(anyPath, { maxLength: 8 }).map(setOf);
const texts = (set: ReturnType<typeof setOf>) =>
  new Set(pathsOf(set).map((path) => path.join(' ')));

test('the operations are those of sets of paths', () => {
  fc.assert(
    fc.property(anySet, anySet, (a, b) => {
      const [inA, inB] = [texts(a), texts(b)];
      expect(texts(union(a, b))).toEqual(new Set([...inA, ...inB]));
      expect(texts(intersection(a, b))).toEqual(new Set([...inA].filter((path) => inB.has(path))));
      expect(texts(difference(a, b))).toEqual(new Set([...inA].filter((path) => !inB.has(path))));
      expect(isEmpty(difference(a, a))).toBe(true);
    }),
  );
});

test('what is removed with everything below leaves nothing below', () => {
  fc.assert(
    fc.property(anySet, anySet, (a, b) => {
      const removed = [...texts(b)];
      const left = [...texts(a)].filter(
        (path) => !removed.some((each) => path === each || path.startsWith(`${each} `)),
      );
      expect(texts(differenceBelow(a, b))).toEqual(new Set(left));
    }),
  );
});

test('a set survives being written into managedFields', () => {
  fc.assert(
    fc.property(anySet, (set) => {
      expect(sameSet(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(set)))), set)).toBe(true);
    }),
  );
});

test('a field and something below it are told apart from only what is below', () => {
  expect(toFieldsV1(setOf([['f:a'], ['f:a', 'f:b']]))).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
  expect(toFieldsV1(setOf([['f:a', 'f:b']]))).toEqual({ 'f:a': { 'f:b': {} } });
  expect(toFieldsV1(setOf([['f:a']]))).toEqual({ 'f:a': {} });
  expect(toFieldsV1(emptySet)).toEqual({});
});

test('a path reads as in the messages of a real API server', () => {
  const path = ['f:status', 'f:conditions', 'k:{"type":"Ready"}', 'f:status'];
  expect(pathText(path)).toBe('.status.conditions[type="Ready"].status');
  expect(pathText(['f:metadata', 'f:finalizers', 'v:"a/b"'])).toBe('.metadata.finalizers[="a/b"]');
});
