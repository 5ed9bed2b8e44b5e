import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareFacts } from '../../scripts/openapi-differences.ts';
import { type ApiFacts, factsOf } from '../../scripts/openapi-facts.ts';
import { schemas } from '../../src/control-service/contract/schemas.ts';
import { operationIds, operationOf } from '../../src/control-service/contract.ts';
import { openApiDocument } from '../../src/control-service/openapi.ts';

/** Names and types only, taken from the service's own document by `compare-openapi.ts --facts`. */
const upstream: ApiFacts = JSON.parse(
  readFileSync(new URL('../fixtures/upstream-api-facts.json', import.meta.url), 'utf8'),
);

describe("our document and the service's own", () => {
  test('have the same 30 operations and 24 schemas', () => {
    const ours = factsOf(openApiDocument());
    expect(Object.keys(ours.operations)).toEqual(Object.keys(upstream.operations));
    expect(operationIds).toHaveLength(30);
    expect(Object.keys(schemas).sort()).toEqual(Object.keys(upstream.schemas));
    expect(Object.keys(schemas)).toHaveLength(24);
  });

  test('differ only where we say why', () => {
    const differences = compareFacts(factsOf(openApiDocument()), upstream);
    expect(differences.filter(({ reason }) => reason === undefined)).toEqual([]);
  });

  test('agree on every path, method, parameter, field name and field type', () => {
    const meant = compareFacts(factsOf(openApiDocument()), upstream)
      .map(({ where }) => where)
      .filter((where) => !/> (errors|answers|body) >|FourFieldError|FrameworkError/.test(where));
    expect(meant).toEqual(['schemas > DataJobExecution > required > id']);
  });

  test.each([
    [
      'an operation is missing',
      (facts: ApiFacts) => Reflect.deleteProperty(facts.operations, 'info'),
    ],
    [
      'a field has another type',
      (facts: ApiFacts) => fieldsOf(facts, 'DataJob', 'team', 'integer'),
    ],
    ['a field is new', (facts: ApiFacts) => fieldsOf(facts, 'DataJob', 'colour', 'string')],
  ])('a difference that nobody meant is found: %s', (_, change) => {
    const ours = structuredClone(factsOf(openApiDocument()));
    change(ours);
    const unexplained = compareFacts(ours, upstream).filter(({ reason }) => reason === undefined);
    expect(unexplained).not.toEqual([]);
  });
});

function fieldsOf(facts: ApiFacts, schema: string, field: string, type: string): void {
  Object.assign((facts.schemas[schema] as { fields: object }).fields, { [field]: type });
}

test('every reference in the document leads somewhere, and no operation is undescribed', () => {
  const document = openApiDocument();
  const { schemas: named } = document.components as { schemas: Record<string, unknown> };
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name] of references) expect(named).toHaveProperty(name ?? '');
  for (const id of operationIds) {
    const { summary, doc } = operationOf(id);
    expect(summary.length, id).toBeGreaterThan(10);
    expect(doc.length, id).toBeGreaterThan(10);
  }
});

test('the document allows null where the service sends it', () => {
  const { schemas: named } = openApiDocument().components as {
    schemas: Record<string, { properties: Record<string, unknown>; required?: string[] }>;
  };
  expect(named.DataJob?.properties.config).toMatchObject({ nullable: true });
  expect(named.DataJob?.required).toEqual(['job_name', 'description', 'config']);
  expect(named.DataJobExecution?.properties.end_time).toMatchObject({
    nullable: true,
    type: 'string',
    format: 'date-time',
  });
});

test('every answer is named with its status, and the bodies that it may have', () => {
  const paths = openApiDocument().paths as Record<string, Record<string, Answers>>;
  const answersOf = (path: string, method: string) => paths[path]?.[method]?.responses ?? {};
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const statuses = Object.keys(answersOf(path, method));
      expect(statuses, path).not.toContain('default');
      expect(
        statuses.filter((status) => status.startsWith('2')),
        path,
      ).toHaveLength(1);
    }
  }
  const upload = answersOf('/data-jobs/for-team/{team_name}/jobs/{job_name}/sources', 'post');
  const statuses = ['200', '400', '401', '403', '404', '406', '415', '500', '503'];
  expect(Object.keys(upload)).toEqual(statuses);
  expect(Object.keys(upload['400']?.content ?? {})).toEqual(['application/json', 'text/html']);
  expect(upload['401']).not.toHaveProperty('content');
});

interface Answers {
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}
