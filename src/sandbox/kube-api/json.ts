/**
 * JSON values as the embedded API server handles them. Stored values are never changed in place:
 * every function here and in the verbs returns a new value and shares what stayed the same.
 */
import { isObject, type JsonObject } from './schema/json-value.ts';

export type JsonMap = JsonObject;

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
  readonly [field: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: JsonMap;
  readonly subresource?: string;
}

export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** The value as an object, or an empty one: for reading optional branches. */
export function asMap(value: unknown): JsonMap {
  return isObject(value) ? value : {};
}

/** The value as a list, or an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `map` without `keys`. */
export function without<T extends JsonMap>(map: T, ...keys: readonly string[]): T {
  const kept = Object.entries(map).filter(([key]) => !keys.includes(key));
  return Object.fromEntries(kept) as T;
}

/** The object with some metadata fields set; a field given as undefined is removed. */
export function withMeta(object: ApiObject, meta: Partial<ObjectMeta>): ApiObject {
  const metadata: Record<string, unknown> = { ...object.metadata, ...meta };
  for (const [key, value] of Object.entries(meta)) if (value === undefined) delete metadata[key];
  return { ...object, metadata: metadata as ObjectMeta };
}

/** An RFC 3339 time in whole seconds, as Kubernetes writes them. */
export function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
