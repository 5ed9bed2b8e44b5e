/** A hundred rules as a kube-apiserver 1.37 evaluated them over one object. */

import { describe, expect, test } from 'vitest';
import { applyDefaults } from '../../../../src/sandbox/kube-api/schema/defaults.ts';
import { validate } from '../../../../src/sandbox/kube-api/schema/validate.ts';
import recorded from './cel-recorded.json' with { type: 'json' };

const { schema, spec, rules } = recorded;

function withRules(on: readonly object[]) {
  const { spec: specSchema } = schema.properties;
  const judged = { ...specSchema, 'x-kubernetes-validations': on };
  return { ...schema, properties: { ...schema.properties, spec: judged } };
}

test.each(rules)('$rule', ({ rule, message }) => {
  const judged = withRules([{ rule }]);
  const errors = validate(judged, applyDefaults(judged, { spec }));
  expect(errors.map((error) => error.message)).toEqual(message === null ? [] : [message]);
});

describe('a rule', () => {
  const update = (rule: object, before: object, after: object) => {
    const judged = withRules([rule]);
    const errors = validate(
      judged,
      { spec: { team: 't', ...after } },
      { spec: { team: 't', ...before } },
    );
    return errors.map(({ field, message }) => `${field}: ${message}`);
  };

  test('with oldSelf compares on updates and is silent on creation', () => {
    const rule = { rule: 'self.count >= oldSelf.count', message: 'only up' };
    expect(update(rule, { count: 5 }, { count: 4 })).toEqual(['spec: Invalid value: only up']);
    expect(update(rule, { count: 5 }, { count: 6 })).toEqual([]);
    expect(validate(withRules([rule]), { spec: { team: 't', count: 1 } })).toEqual([]);
  });

  test('with an optional oldSelf runs on creation too', () => {
    const rule = {
      rule: 'oldSelf.hasValue() || self.count == 1',
      message: 'start at one',
      optionalOldSelf: true,
    };
    const judged = withRules([rule]);
    const start = (count: number) => validate(judged, { spec: { team: 't', count } });
    expect(start(2).map(({ message }) => message)).toEqual(['Invalid value: start at one']);
    expect(start(1)).toEqual([]);
    expect(update(rule, { count: 2 }, { count: 3 })).toEqual([]);
  });

  test('that speaks of oldSelf in a text only is no transition rule', () => {
    const rule = { rule: 'self.team != "oldSelf"' };
    const errors = validate(withRules([rule]), { spec: { team: 'oldSelf' } });
    expect(errors).toHaveLength(1);
  });

  test('that an unchanged object breaks does not lock it', () => {
    const judged = withRules([{ rule: 'self.count < 5', message: 'small' }]);
    const stored = { metadata: { labels: {} }, spec: { team: 't', count: 9 } };
    const labelled = { ...stored, metadata: { labels: { a: 'b' } } };
    expect(validate(judged, labelled, stored)).toEqual([]);
    const changed = { ...stored, spec: { team: 't', count: 8 } };
    expect(validate(judged, changed, stored)).toHaveLength(1);
  });

  test('on an element of a keyed list compares with the element of the same key', () => {
    const items = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, n: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.n >= oldSelf.n', message: 'only up' }],
      },
    };
    const list = { type: 'object', properties: { items } };
    const old = {
      items: [
        { name: 'a', n: 5 },
        { name: 'b', n: 1 },
      ],
    };
    const next = {
      items: [
        { name: 'b', n: 2 },
        { name: 'c', n: 0 },
        { name: 'a', n: 4 },
      ],
    };
    expect(validate(list, next, old).map(({ field }) => field)).toEqual(['items[2]']);
  });

  test('whose message expression fails falls back to its message', () => {
    const rule = { rule: 'false', message: 'plain', messageExpression: 'self.jobName' };
    expect(update(rule, {}, { count: 1 })).toEqual(['spec: Invalid value: plain']);
  });

  test('that cannot be compiled says so on the object', () => {
    const [error] = update({ rule: 'self.' }, {}, { count: 1 });
    expect(error).toContain('rule compile error');
  });

  const reasons = [
    { reason: 'FieldValueForbidden', message: 'Forbidden: no' },
    { reason: 'FieldValueRequired', message: 'Required value: no' },
    { reason: 'FieldValueInvalid', message: 'Invalid value: no' },
  ];
  test.each(reasons)('with reason $reason words its message so', ({ reason, message }) => {
    const judged = withRules([{ rule: 'false', message: 'no', reason }]);
    const errors = validate(judged, { spec: { team: 't' } });
    expect(errors).toEqual([{ field: 'spec', reason, message }]);
  });
});
