/** Makes a `Kind` of a built-in resource from the little in which it differs from the others. */
import { type ApiObject, asMap, type JsonMap } from '../json.ts';
import { type Kind, type NameRule, storageOf } from '../kind.ts';
import { normalized } from '../meta-normal.ts';
import type { FieldError } from '../schema/field-error.ts';
import { own } from '../schema/json-value.ts';
import { prune } from '../schema/prune.ts';
import type { JsonSchema, ServedResource } from '../served-resource.ts';
import { rejectWrongTypes } from './typed-decoding.ts';

export interface BuiltinRules {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly schema: JsonSchema;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Namespaced unless told otherwise. */
  readonly clusterScoped?: boolean;
  readonly verbs?: readonly string[];
  readonly status?: boolean;
  readonly nameRule?: NameRule;
  readonly hasGeneration?: boolean;
  readonly unconditionalUpdate?: boolean;
  readonly createOnUpdate?: boolean;
  /** What even an empty object of this kind has, beside its metadata. */
  readonly emptyObject?: JsonMap;
  readonly shown?: (object: ApiObject) => ApiObject;
  /** Field selectors beyond name and namespace, as dotted paths. */
  readonly selectable?: readonly string[];
  readonly storage?: string;
  readonly present?: (stored: ApiObject) => ApiObject;
  readonly accept?: (object: ApiObject) => ApiObject;
  readonly withDefaults?: (object: ApiObject) => ApiObject;
  readonly prepare?: (next: ApiObject, old: ApiObject | undefined) => ApiObject;
  readonly validate?: (next: ApiObject, old: ApiObject | undefined) => readonly FieldError[];
}

const allVerbs: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

export function builtinKind(rules: BuiltinRules): Kind {
  const { schema } = rules;
  const served = servedOf(rules);
  const withDefaults = (object: ApiObject) => {
    const known = normalized(schema, object) as ApiObject;
    return rules.withDefaults?.(known) ?? known;
  };
  const selectable = rules.selectable ?? [];
  return {
    served,
    storage: rules.storage ?? storageOf(rules),
    custom: false,
    nameRule: rules.nameRule ?? 'subdomain',
    hasGeneration: rules.hasGeneration ?? false,
    unconditionalUpdate: rules.unconditionalUpdate ?? true,
    createOnUpdate: rules.createOnUpdate ?? false,
    emptyObject: { metadata: {}, ...rules.emptyObject },
    ...(rules.shown === undefined ? {} : { shown: rules.shown }),
    present: rules.present ?? ((stored) => stored),
    accept: rules.accept ?? ((object) => object),
    decode(object) {
      const { value, dropped } = prune(schema, object);
      rejectWrongTypes(served, schema, value as ApiObject);
      return { object: withDefaults(value as ApiObject), unknownFields: dropped };
    },
    withDefaults,
    prepare(next, old) {
      const prepared = rules.prepare?.(next, old) ?? next;
      if (!rules.status || old === undefined || rules.prepare !== undefined) return prepared;
      const { status: _, ...rest } = prepared;
      return (old.status === undefined ? rest : { ...rest, status: old.status }) as ApiObject;
    },
    validate: (next, old) => rules.validate?.(next, old) ?? [],
    valueOf(object, field) {
      if (field === 'metadata.name') return object.metadata.name;
      if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
      return selectable.includes(field) ? textAt(object, field) : undefined;
    },
    unknownField: (field) =>
      selectable.length > 0
        ? `field label not supported: ${field}`
        : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  };
}

function servedOf(rules: BuiltinRules): ServedResource {
  return {
    group: rules.group,
    version: rules.version,
    plural: rules.plural,
    singular: rules.singular ?? rules.kind.toLowerCase(),
    kind: rules.kind,
    listKind: `${rules.kind}List`,
    shortNames: rules.shortNames ?? [],
    categories: rules.categories ?? [],
    namespaced: rules.clusterScoped !== true,
    verbs: rules.verbs ?? allVerbs,
    subresources: { status: rules.status ?? false },
    schema: {
      ...rules.schema,
      'x-kubernetes-group-version-kind': [
        { group: rules.group, version: rules.version, kind: rules.kind },
      ],
    },
  };
}

function textAt(object: ApiObject, field: string): string {
  let value: unknown = object;
  for (const part of field.split('.')) value = own(asMap(value), part);
  return value === undefined || value === null ? '' : String(value);
}
