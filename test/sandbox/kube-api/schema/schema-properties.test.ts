/** What holds for any document, hostile ones included. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyDefaults } from '../../../../src/sandbox/kube-api/schema/defaults.ts';
import { nestingDepthMax } from '../../../../src/sandbox/kube-api/schema/json-value.ts';
import { prune } from '../../../../src/sandbox/kube-api/schema/prune.ts';
import { validate } from '../../../../src/sandbox/kube-api/schema/validate.ts';
import recorded from './recorded-answers.json' with { type: 'json' };

const { schema } = recorded;

/** Names that the schema knows, so that documents reach its inside; and hostile ones. */
const names = [
  ...Object.keys(schema.properties.spec.properties),
  'spec',
  'status',
  'metadata',
  'name',
  'inner',
  'deep',
  'depth',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
];

const { document } = fc.letrec<{ document: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(null, 'Manage', 5, 'aa', true)),
  document: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    tie('leaf'),
    fc.array(tie('document'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('document'), { maxKeys: 5 }),
  ),
}));

const anyObject = fc.record({ spec: document, status: document, extra: document });

describe('any document', () => {
  test('defaulting twice equals defaulting once', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        const once = applyDefaults(schema, object);
        expect(applyDefaults(schema, once)).toEqual(once);
      }),
    );
  });

  test('pruning twice equals pruning once, and the second finds nothing', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        const { value } = prune(schema, object);
        expect(prune(schema, value)).toEqual({ value, dropped: [] });
      }),
    );
  });

  test('validation answers and never throws, with and without an old object', () => {
    fc.assert(
      fc.property(anyObject, anyObject, (object, old) => {
        expect(validate(schema, object)).toBeInstanceOf(Array);
        expect(validate(schema, object, old)).toBeInstanceOf(Array);
      }),
    );
  });

  // Rules that cannot be evaluated, and repeated keys, are refused even so, as by the real server.
  test('an object that did not change is accepted again, however strict its schema has become', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        const complaints = validate(schema, object, structuredClone(object)).filter(
          ({ reason, message }) =>
            reason !== 'FieldValueDuplicate' &&
            !/list-type map|evaluating rule|signature for rule/.test(message),
        );
        expect(complaints).toEqual([]);
      }),
    );
  });
});

describe('hostile documents', () => {
  test('keys of the prototype stay plain data', () => {
    const hostile: unknown = JSON.parse(
      '{"spec":{"team":"t","labels":{"__proto__":"x"},"free":{"__proto__":{"polluted":true}}}}',
    );
    const value = applyDefaults(schema, prune(schema, hostile).value);
    expect(JSON.stringify(value)).toContain('"labels":{"__proto__":"x"}');
    expect('polluted' in {}).toBe(false);
    expect(validate(schema, value)).toEqual([]);
  });

  test('an unknown field named like a method of objects is unknown', () => {
    const { dropped } = prune(schema, { spec: { team: 't', constructor: 1, toString: 2 } });
    expect(dropped).toEqual(['spec.constructor', 'spec.toString']);
  });

  test('a document nested beyond the limit is refused in one sentence', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 50 * nestingDepthMax; i++) deep = { free: deep };
    const [error, ...others] = validate(schema, { spec: { team: 't', free: deep } });
    expect(error?.message).toContain(`nested more than ${nestingDepthMax} levels deep`);
    expect(others).toEqual([]);
    expect(() => prune(schema, { spec: { team: [deep] } })).not.toThrow();
  });
});
