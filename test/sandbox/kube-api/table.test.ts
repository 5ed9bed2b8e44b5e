import { describe, expect, test } from 'vitest';
import type {
  PrinterColumn,
  ServedResource,
} from '../../../src/sandbox/kube-api/served-resource.ts';
import { toTable } from '../../../src/sandbox/kube-api/table.ts';
import recorded from './table-recorded.json' with { type: 'json' };

const nowMs = Date.parse('2026-01-02T00:00:00Z');

function aKind(changes: Partial<ServedResource> = {}): ServedResource {
  return {
    group: 'example.test',
    version: 'v1',
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: ['get', 'list'],
    subresources: { status: true },
    ...changes,
  };
}

function aWidget(fields: object = {}) {
  return {
    apiVersion: 'example.test/v1',
    kind: 'Widget',
    metadata: { name: 'w', resourceVersion: '7', creationTimestamp: '2026-01-01T23:59:00Z' },
    ...fields,
  };
}

function cellOf(column: Partial<PrinterColumn>, fields: object): unknown {
  const printerColumns = [{ name: 'X', type: 'string', jsonPath: '.spec.x', ...column }];
  const resource = aKind({ printerColumns });
  return toTable({ resource, body: aWidget(fields), nowMs }).rows[0]?.cells[1];
}

describe('what a kube-apiserver 1.37 printed', () => {
  test.each(recorded.tables)('for $group/$kind $object.metadata.name', (table) => {
    const { group, kind, object, columns, cells, now } = table;
    const own = kind === 'Widget' ? { printerColumns: recorded.printerColumns } : {};
    const printed = toTable({
      resource: aKind({ group, kind, ...own }),
      body: object,
      includeObject: 'None',
      nowMs: Date.parse(now),
    });
    expect(printed.rows).toEqual([{ cells, object: null }]);
    const definitions = printed.columnDefinitions?.map((d) => [
      d.name,
      d.type,
      d.format,
      d.priority,
    ]);
    expect(definitions).toEqual(columns);
  });
});

describe('a table', () => {
  test('has name and age where a kind has no columns', () => {
    const { columnDefinitions, rows } = toTable({ resource: aKind(), body: aWidget(), nowMs });
    expect(columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'Age']);
    expect(rows[0]?.cells).toEqual(['w', '60s']);
  });

  test('carries the metadata of each object unless asked otherwise', () => {
    const body = aWidget({ spec: { x: 1 } });
    const rowWith = (includeObject?: 'None' | 'Object') =>
      toTable({ resource: aKind(), body, nowMs, ...(includeObject && { includeObject }) }).rows[0];
    expect(rowWith()?.object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: body.metadata,
    });
    expect(rowWith('Object')?.object).toEqual(body);
    expect(rowWith('None')?.object).toBeNull();
  });

  test('of a list has a row each, and says where the list stands and how to go on', () => {
    const metadata = {
      resourceVersion: '9',
      continue: 'token',
      remainingItemCount: 3,
      selfLink: '',
    };
    const body = { kind: 'WidgetList', metadata, items: [aWidget(), aWidget()] };
    const table = toTable({ resource: aKind(), body, nowMs });
    expect(table.rows).toHaveLength(2);
    expect(table.metadata).toEqual({
      resourceVersion: '9',
      continue: 'token',
      remainingItemCount: 3,
    });
  });

  test('in a watch leaves the columns out after the first event', () => {
    const table = toTable({ resource: aKind(), body: aWidget(), nowMs, noHeaders: true });
    expect(table.columnDefinitions).toBeNull();
  });
});

describe('a cell', () => {
  const cases = [
    { why: 'a missing path is an empty cell', column: {}, fields: {}, want: null },
    { why: 'null is an empty cell', column: {}, fields: { spec: { x: null } }, want: null },
    { why: 'a number in a text column', column: {}, fields: { spec: { x: 5 } }, want: '5' },
    {
      why: 'a text in an integer column does not fit',
      column: { type: 'integer' },
      fields: { spec: { x: 'five' } },
      want: null,
    },
    {
      why: 'integers are cut',
      column: { type: 'integer' },
      fields: { spec: { x: 5.9 } },
      want: 5,
    },
    {
      why: 'a text in a boolean column does not fit',
      column: { type: 'boolean' },
      fields: { spec: { x: 'true' } },
      want: null,
    },
    {
      why: 'a date is an age',
      column: { type: 'date' },
      fields: { spec: { x: '2026-01-01T21:00:00Z' } },
      want: '3h',
    },
    {
      why: 'no date says so',
      column: { type: 'date' },
      fields: { spec: { x: 'soon' } },
      want: '<invalid>',
    },
    {
      why: 'a path that cannot be read is an empty cell',
      column: { jsonPath: '.spec[?(' },
      fields: { spec: { x: 1 } },
      want: null,
    },
  ];
  test.each(cases)('$why', ({ column, fields, want }) => {
    expect(cellOf(column, fields)).toBe(want);
  });
});
