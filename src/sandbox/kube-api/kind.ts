/**
 * How one served kind behaves, beyond what all kinds share: a `ServedResource` plus the rules that
 * the verbs ask for. Built-in kinds and custom resources are both values of this type.
 */
import type { ApiObject, JsonMap } from './json.ts';
import type { FieldError } from './schema/field-error.ts';
import type { SelectableFields } from './selectors.ts';
import type { ServedResource } from './served-resource.ts';

/** What the name of an object may look like. */
export type NameRule = 'subdomain' | 'label' | 'path';

export interface Kind extends SelectableFields {
  readonly served: ServedResource;
  /** The store's resource: the same for all versions and views of one kind. */
  readonly storage: string;
  readonly custom: boolean;
  readonly nameRule: NameRule;
  /** Counts changes of the specification in `metadata.generation`. */
  readonly hasGeneration: boolean;
  /** A PUT without a resourceVersion overwrites whatever is there. */
  readonly unconditionalUpdate: boolean;
  /** A PUT to a name that does not exist creates it. */
  readonly createOnUpdate: boolean;
  /** What a new object of this kind is compared with when its fields get their first owner. */
  readonly emptyObject: JsonMap;
  /** The stored object as this version shows it, and back. */
  present(stored: ApiObject): ApiObject;
  accept(object: ApiObject): ApiObject;
  /** Adds the fields that answers of this kind always have, empty or not. */
  shown?(object: ApiObject): ApiObject;
  /** Removes what the kind does not know and fills in its defaults. */
  decode(object: ApiObject): Decoded;
  /** Only the defaults: for an object that was merged here and is known to fit. */
  withDefaults(object: ApiObject): ApiObject;
  /** What the server sets or resets by itself; `old` is undefined on creation. */
  prepare(next: ApiObject, old: ApiObject | undefined): ApiObject;
  validate(next: ApiObject, old: ApiObject | undefined): readonly FieldError[];
  /** Kinds that are questions: the answer to one, instead of storing it. */
  evaluate?(object: ApiObject): ApiObject;
}

export interface Decoded {
  readonly object: ApiObject;
  /** Paths of fields that were removed. */
  readonly unknownFields: readonly string[];
}

export function apiVersionOf({ group, version }: Pick<ServedResource, 'group' | 'version'>) {
  return group === '' ? version : `${group}/${version}`;
}

export function storageOf({ group, plural }: Pick<ServedResource, 'group' | 'plural'>): string {
  return `${group}/${plural}`;
}

/** The store's key: also the order of lists. */
export function keyOf(kind: Kind, namespace: string | undefined, name: string): string {
  return kind.served.namespaced ? `${namespace ?? ''}/${name}` : name;
}
