import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, fieldsOf } from '../../../../src/sandbox/kube-api/apply/compare.ts';
import { isEmpty, toFieldsV1 } from '../../../../src/sandbox/kube-api/apply/field-set.ts';
import { merge, removeFields } from '../../../../src/sandbox/kube-api/apply/merge.ts';

const schema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    whole: { type: 'array', items: { type: 'string' } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['key'],
      items: {
        type: 'object',
        properties: { key: { type: 'string' }, value: { type: 'integer' } },
      },
    },
  },
};

const unique = <T>(of: (item: T) => string) => ({ selector: of, maxLength: 4 });
const anyItem = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.nat(2) });
const anyValue = fc.record(
  {
    text: fc.constantFrom('x', 'y'),
    labels: fc.dictionary(fc.constantFrom('l', 'm'), fc.constantFrom('1', '2')),
    whole: fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }),
    set: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), unique(String)),
    keyed: fc.uniqueArray(
      anyItem,
      unique((item) => item.key),
    ),
  },
  { requiredKeys: [] },
);

test('merging twice is merging once, and what was merged is there', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (live, applied) => {
      const merged = merge(schema, live, applied);
      expect(merge(schema, merged, applied)).toEqual(merged);
      const { removed, modified } = compare(schema, applied, merged);
      expect(isEmpty(removed) && isEmpty(modified)).toBe(true);
    }),
  );
});

test('a value is equal to itself, and removing all its fields leaves no leaf', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const { added, removed, modified } = compare(schema, value, structuredClone(value));
      expect([added, removed, modified].every(isEmpty)).toBe(true);
      expect(leaves(removeFields(schema, value, fieldsOf(schema, value)))).toEqual([]);
    }),
  );
});

function leaves(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(leaves)
    : [value];
}

describe('merging', () => {
  test.each([
    {
      why: 'a list without a type is replaced',
      live: { whole: ['a', 'b'] },
      applied: { whole: ['c'] },
      is: { whole: ['c'] },
    },
    {
      why: 'a set is joined',
      live: { set: ['a', 'b'] },
      applied: { set: ['c', 'a'] },
      is: { set: ['c', 'a', 'b'] },
    },
    {
      why: 'items are merged by key, and those of others keep their place',
      live: { keyed: [{ key: 'a', value: 1 }, { key: 'b' }, { key: 'c' }] },
      applied: { keyed: [{ key: 'c', value: 2 }, { key: 'd' }, { key: 'a' }] },
      is: {
        keyed: [{ key: 'c', value: 2 }, { key: 'd' }, { key: 'a', value: 1 }, { key: 'b' }],
      },
    },
  ])('$why', ({ live, applied, is }) => {
    expect(merge(schema, live, applied)).toEqual(is);
  });
});

test('what a configuration claims are its leaves, its items and the entries of its maps', () => {
  const value = {
    text: 'x',
    labels: { l: '1' },
    whole: ['p'],
    keyed: [{ key: 'a', value: 1 }],
    set: ['p'],
  };
  expect(toFieldsV1(fieldsOf(schema, value))).toEqual({
    'f:text': {},
    'f:labels': { 'f:l': {} },
    'f:whole': {},
    'f:keyed': { 'k:{"key":"a"}': { '.': {}, 'f:key': {}, 'f:value': {} } },
    'f:set': { 'v:"p"': {} },
  });
});
