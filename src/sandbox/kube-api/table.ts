/**
 * Lists and objects as tables, which is how kubectl asks for them: the server chooses the columns.
 * A CRD's own columns, those of built-in kinds, else name and age. Pure: ages come from `nowMs`.
 */

import { canonicalJson, isObject, type JsonObject } from './schema/json-value.ts';
import type { PrinterColumn, ServedResource } from './served-resource.ts';
import { ageOf } from './table-age.ts';
import { builtInColumns } from './table-builtin.ts';
import { ageColumn, type Column, nameColumn } from './table-column.ts';
import { type JsonPath, parseJsonPath } from './table-json-path.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableRequest {
  readonly resource: ServedResource;
  /** One object, or a list with `items`. */
  readonly body: JsonObject;
  /** What each row carries beside its cells; kubectl relies on the metadata, the default. */
  readonly includeObject?: IncludeObject;
  readonly nowMs: number;
  /** True in a watch after its first event: the columns are sent once. */
  readonly noHeaders?: boolean;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: JsonObject;
  readonly columnDefinitions: readonly JsonObject[] | null;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: unknown }[];
}

export function toTable(request: TableRequest): Table {
  const { resource, body, includeObject = 'Metadata', nowMs, noHeaders = false } = request;
  const columns = columnsOf(resource);
  const isList = Array.isArray(body.items) && body.kind !== resource.kind;
  const items = isList ? (body.items as readonly unknown[]) : [body];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: tableMetadata(body.metadata),
    columnDefinitions: noHeaders ? null : columns.map(definitionOf),
    rows: items.filter(isObject).map((item) => ({
      cells: columns.map(({ cell }) => cell(item, nowMs)),
      object: rowObject(item, includeObject),
    })),
  };
}

function columnsOf(resource: ServedResource): readonly Column[] {
  const { printerColumns } = resource;
  if (printerColumns && printerColumns.length > 0) {
    return [nameColumn, ...printerColumns.map(customColumn)];
  }
  return builtInColumns(resource.group, resource.kind) ?? [nameColumn, ageColumn];
}

/** What a table keeps of a list's or an object's metadata: where it stands, and how to go on. */
function tableMetadata(metadata: unknown): JsonObject {
  const kept = ['resourceVersion', 'continue', 'remainingItemCount'];
  const entries = isObject(metadata) ? Object.entries(metadata) : [];
  return Object.fromEntries(entries.filter(([name]) => kept.includes(name)));
}

function definitionOf({ name, type, format, description, priority }: Column): JsonObject {
  return { name, type, format: format ?? '', description, priority: priority ?? 0 };
}

function rowObject(item: JsonObject, include: IncludeObject): unknown {
  switch (include) {
    case 'None':
      return null;
    case 'Object':
      return item;
    case 'Metadata':
      return {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: item.metadata,
      };
    default:
      return include satisfies never;
  }
}

function customColumn(column: PrinterColumn): Column {
  const { name, type, format, description, priority, jsonPath } = column;
  const path = parseJsonPath(jsonPath);
  const where = `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return {
    name,
    type,
    description: description || where,
    ...(format === undefined ? {} : { format }),
    ...(priority === undefined ? {} : { priority }),
    cell: (object, nowMs) => customCell(type, path, object, nowMs),
  };
}

/** The first match only; null, an empty cell, when nothing matches or the type does not fit. */
function customCell(
  type: string,
  path: JsonPath | undefined,
  object: JsonObject,
  nowMs: number,
): unknown {
  const [value] = path?.(object) ?? [];
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, nowMs) : null;
    default:
      return typeof value === 'string' ? value : canonicalJson(value);
  }
}
