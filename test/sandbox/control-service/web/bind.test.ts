import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { schemas } from '../../../../src/control-service/contract/schemas.ts';
import { bindBody, type Shape } from '../../../../src/sandbox/control-service/web/bind.ts';
import {
  dataJobShape,
  deploymentShape,
  executionRequestShape,
  oauthCredentialsShape,
} from '../../../../src/sandbox/control-service/web/bodies.ts';
import { ServiceFailure } from '../../../../src/sandbox/control-service/web/failures.ts';

const why = (text: string, shape: Shape): string => {
  try {
    bindBody(text, shape);
  } catch (error) {
    if (error instanceof ServiceFailure) return error.fields.why;
  }
  return 'it was bound';
};

describe('values become what the field is, where that can be', () => {
  test.each([
    [{ job_name: 5 }, dataJobShape, { job_name: '5' }],
    [{ job_name: true }, dataJobShape, { job_name: 'true' }],
    [
      { config: { generate_keytab: 'false' } },
      dataJobShape,
      { config: { generate_keytab: false } },
    ],
    [{ config: { generate_keytab: 0 } }, dataJobShape, { config: { generate_keytab: false } }],
    [
      { config: { notification_delay_period_minutes: '17' } },
      dataJobShape,
      { config: { notification_delay_period_minutes: 17 } },
    ],
    [{ resources: { memory_limit: 1.9 } }, deploymentShape, { resources: { memory_limit: 1 } }],
    [{ description: null, other: 1 }, dataJobShape, { description: null }],
  ])('%j', (body, shape, want) => {
    expect(bindBody(JSON.stringify(body), shape)).toEqual(want);
  });
});

describe('what cannot be is refused, naming the type, the place and the way to it', () => {
  test.each([
    [
      '{"config": {"contacts": {"notified_on_job_deploy": "a"}}}',
      'java.util.ArrayList<java.lang.String>',
    ],
    ['{"config": {"contacts": {"notified_on_job_deploy": [{}]}}}', 'java.util.ArrayList[0]'],
    ['{"config": {"generate_keytab": "yes"}}', 'only "true" or "false" recognized'],
    [
      '{"config": {"notification_delay_period_minutes": "x"}}',
      'not a valid `java.lang.Integer` value',
    ],
    ['{"config": {"notification_delay_period_minutes": 99999999999}}', 'out of range of int'],
    ['{"config": {"notification_delay_period_minutes": false}}', 'VALUE_FALSE'],
    ['{"config": 5}', 'no int/Int-argument constructor/factory method'],
    ['{"job_name": {}}', 'from Object value (token `JsonToken.START_OBJECT`)'],
    ['{\n "job_name": []}', 'line: 2, column: 14'],
  ])('%s', (text, words) => {
    expect(why(text, dataJobShape)).toContain(words);
  });

  test('the way through nested objects is told step by step', () => {
    const model = 'com.vmware.taurus.controlplane.model.data';
    expect(why('{"config": {"schedule": 1}}', dataJobShape)).toContain(
      `(through reference chain: ${model}.DataJob["config"]->${model}.DataJobConfig["schedule"])`,
    );
  });
});

/** The kinds of values by the contract's schema: what both say of a body must be the same. */
function kinds(schema: z.core.JSONSchema.BaseSchema): unknown {
  const inner = schema.anyOf?.find((each) => typeof each === 'object' && each.type !== 'null');
  if (typeof inner === 'object') return kinds({ ...schema, ...inner, anyOf: undefined as never });
  if (schema.type === 'object' && schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, field]) => [
      name,
      kinds(field as never),
    ]);
    return Object.fromEntries(fields);
  }
  if (schema.type === 'object') return 'map';
  if (schema.type === 'array') return 'texts';
  if (schema.enum !== undefined) return 'mode';
  if (schema.type === 'integer' || schema.format === 'int32') return 'int';
  return { string: 'text', boolean: 'flag', number: 'float' }[String(schema.type)];
}

const shapeKinds = (shape: Shape): unknown =>
  shape.kind === 'record'
    ? Object.fromEntries(
        Object.entries(shape.fields).map(([name, each]) => [name, shapeKinds(each)]),
      )
    : shape.kind;

test.each([
  ['DataJob', dataJobShape],
  ['DataJobDeployment', deploymentShape],
  ['DataJobExecutionRequest', executionRequestShape],
  ['OauthCredentials', oauthCredentialsShape],
] as const)('the body %s has the fields of the contract', (name, shape) => {
  const document = z.toJSONSchema(schemas[name], { io: 'input', unrepresentable: 'any' });
  expect(shapeKinds(shape)).toEqual(kinds(document));
});
