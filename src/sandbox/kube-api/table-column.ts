/** What a column of a table is, those that all kinds have, and words to write others with. */

import { isObject, type JsonObject } from './schema/json-value.ts';
import { ageOf } from './table-age.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description: string;
  readonly priority?: number;
  readonly cell: (object: JsonObject, nowMs: number) => unknown;
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique within the namespace and kind.',
  cell: (object) => at(object, 'metadata', 'name') ?? '',
};

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the object was created.',
  cell: (object, nowMs) => ageOf(at(object, 'metadata', 'creationTimestamp'), nowMs),
};

export function column(name: string, description: string, cell: Column['cell']): Column {
  return { name, type: 'string', description, cell };
}

export function wide(name: string, description: string, cell: Column['cell']): Column {
  return { ...column(name, description, cell), priority: 1 };
}

/** The value at a path of names; undefined where the path ends early. */
export function at(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((each, name) => (isObject(each) ? each[name] : undefined), object);
}
