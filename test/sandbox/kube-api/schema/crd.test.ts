/** CRDs as a kube-apiserver 1.37 judged them, and what the sandbox knowingly judges otherwise. */

import { describe, expect, test } from 'vitest';
import { crdErrors } from '../../../../src/sandbox/kube-api/schema/crd.ts';
import type { FieldError } from '../../../../src/sandbox/kube-api/schema/field-error.ts';
import recorded from './crd-recorded.json' with { type: 'json' };

interface Recorded {
  readonly name: string;
  readonly why: string;
  readonly crd: unknown;
  readonly causes: readonly FieldError[];
}

// JSON files are typed by their first shape; the interface above is what the recorder writes.
const cases = recorded as unknown as readonly Recorded[];

test.each(cases)('the server and the sandbox say the same about $name', ({ crd, causes, why }) => {
  expect(bySort(crdErrors(crd)), why).toEqual(bySort(causes));
});

function bySort(causes: readonly FieldError[]): readonly string[] {
  return causes.map(({ field, reason, message }) => `${field} ${reason} ${message}`).sort();
}

function aCrd(spec: object = {}) {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    metadata: { name: 'gears.example.test' },
    spec: {
      group: 'example.test',
      scope: 'Namespaced',
      names: { kind: 'Gear', plural: 'gears' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
      ...spec,
    },
  };
}

function aCrdWithRule(rule: string) {
  const fields = {
    text: { type: 'string', nullable: true },
    amount: { type: 'integer' },
    map: { type: 'object', additionalProperties: { type: 'string' } },
  };
  const spec = { type: 'object', properties: fields, 'x-kubernetes-validations': [{ rule }] };
  const openAPIV3Schema = { type: 'object', properties: { spec } };
  return aCrd({
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
  });
}

describe('refused like the real one, in the compiler’s own words', () => {
  const rules = [
    { rule: 'self.text ==', says: 'Unexpected token', why: 'the expression is not finished' },
    { rule: 'self.amount == "x"', says: 'int == string', why: 'types that never equal' },
    { rule: 'self.amount == 1.0', says: 'int == double', why: 'equality does not cross types' },
    { rule: 'self.text.foo()', says: 'string.foo()', why: 'no such function' },
    { rule: 'self.text == null', says: 'string == null', why: 'nullable is not comparable' },
    { rule: '1 in [1, "a"]', says: 'same type', why: 'lists have one type' },
    { rule: '(true ? 1 : "a") == 1', says: 'same type', why: 'so have branches' },
    { rule: 'cel.bind(x, 1, x == 1)', says: "reference to 'cel'", why: 'not in Kubernetes' },
  ];
  test.each(rules)('$rule: $why', ({ rule, says }) => {
    const [error] = crdErrors(aCrdWithRule(rule));
    expect(error?.field).toBe(
      'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule',
    );
    expect(error?.message).toContain('compilation failed: ERROR: <input>:1:');
    expect(error?.message).toContain(says);
  });

  test('versions without exactly one to store are refused, though the sentence is shorter', () => {
    const version = { name: 'v1', served: true, schema: { openAPIV3Schema: { type: 'object' } } };
    const [error] = crdErrors(aCrd({ versions: [{ ...version, storage: false }] }));
    expect(error?.message).toContain('must have exactly one version marked as storage version');
    const twice = crdErrors(aCrd({ versions: [version, version] }));
    expect(twice.map(({ message }) => message).join()).toContain('unique version names');
  });

  test('a pattern that is no regular expression is refused', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '[' } } };
    const versions = [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
    ];
    const [error] = crdErrors(aCrd({ versions }));
    expect(error?.message).toContain("must be a valid regular expression, but isn't");
  });
});

describe('knowingly refused though the real one accepts, since no rule of ours needs them', () => {
  test.each([
    'self.map.all(k, v, v != "")',
    'isQuantity(self.text)',
    'isIP(self.text)',
    '!format.dns1123Label().validate(self.text).hasValue()',
    'self.?text.optMap(x, x.size()).orValue(0) == 0',
  ])('%s', (rule) => {
    expect(crdErrors(aCrdWithRule(rule))).toHaveLength(1);
  });
});

test('schemas that differ by version are named by their version', () => {
  const version = (name: string, type: string) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: { type: 'object', properties: { a: { type } } } },
  });
  const errors = crdErrors(aCrd({ versions: [version('v1', 'string'), version('v2', 'text')] }));
  expect(errors.map(({ field }) => field)).toEqual([
    'spec.versions[1].schema.openAPIV3Schema.properties[a].type',
  ]);
});

test.each([undefined, null, 5, [], {}, { spec: [] }, { spec: { versions: [null, 5] } }])(
  'what is no CRD at all is refused without an exception: %j',
  (value) => {
    expect(crdErrors(value).length).toBeGreaterThan(0);
  },
);
