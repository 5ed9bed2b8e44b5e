/**
 * The rules that a CRD's schema keeps to be structural, as the API server checks them when the CRD
 * is created: every node has a type, combinators only constrain, defaults fit, patterns are regular
 * expressions, lists say how they merge, CEL rules compile.
 */

import { ruleDefinitionErrors } from './cel-check.ts';
import { applyDefaults } from './defaults.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  noField,
  notSupported,
  required,
} from './field-error.ts';
import type { Schema } from './json-schema.ts';
import { isObject, type JsonObject, own } from './json-value.ts';
import { prune } from './prune.ts';
import { parsePattern } from './regex.ts';
import { validate } from './validate.ts';

/** A schema this deep is a mistake or an attack; the real one bounds it by the object's size. */
const schemaDepthMax = 100;

/** `path` is where the schema stands in the CRD, such as `spec.validation.openAPIV3Schema`. */
export function schemaDefinitionErrors(schema: unknown, path: string): readonly FieldError[] {
  if (!isObject(schema)) return [required(path)];
  const errors = [...rootErrors(schema, path), ...nodeErrors(schema, { path, depth: 0 })];
  // Rules and defaults can be judged only on a schema that is sound.
  return errors.length > 0 ? errors : soundSchemaErrors(schema, { path, depth: 0 });
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly uncorrelatable?: string;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function rootErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const type = own(schema, 'type');
  if (type === undefined || type === '') {
    errors.push(required(`${path}.type`, 'must not be empty at the root'));
  } else if (type !== 'object') {
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  }
  if (own(schema, 'additionalProperties') !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  }
  const properties = own(schema, 'properties');
  const metadata = isObject(properties) ? own(properties, 'metadata') : undefined;
  if (isObject(metadata)) errors.push(...metadataErrors(metadata, path));
  return errors;
}

function metadataErrors(metadata: JsonObject, path: string): readonly FieldError[] {
  const properties = own(metadata, 'properties');
  const names = isObject(properties) ? Object.keys(properties) : [];
  if (names.every((name) => name === 'name' || name === 'generateName')) return [];
  const why =
    'must not specify anything other than name and generateName, ' +
    'but metadata is implicitly specified';
  return [forbidden(`${path}.properties[metadata]`, why)];
}

function nodeErrors(schema: JsonObject, place: Place): readonly FieldError[] {
  const { path, depth } = place;
  if (depth > schemaDepthMax) {
    return [forbidden(path, `must not be nested more than ${schemaDepthMax} levels deep`)];
  }
  return [
    ...unsupportedErrors(schema, path),
    ...typeErrors(schema, path, depth),
    ...patternErrors(schema, path),
    ...listErrors(schema, path),
    ...combinatorErrors(schema, path),
    ...childrenOf(schema, place).flatMap(([child, at]) => nodeErrors(child, at)),
  ];
}

const unsupported = [
  '$ref',
  'definitions',
  'dependencies',
  'patternProperties',
  'additionalItems',
  'id',
];

function unsupportedErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors = unsupported
    .filter((name) => own(schema, name) !== undefined)
    .map((name) => forbidden(`${path}.${name}`, `${name} is not supported`));
  if (own(schema, 'uniqueItems') === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  if (isObject(own(schema, 'properties')) && own(schema, 'additionalProperties') !== undefined) {
    const why = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  return errors;
}

function typeErrors(schema: JsonObject, path: string, depth: number): readonly FieldError[] {
  const type = own(schema, 'type');
  const mayLackType =
    own(schema, 'x-kubernetes-int-or-string') === true ||
    own(schema, 'x-kubernetes-preserve-unknown-fields') === true ||
    own(schema, '$ref') !== undefined; // refused already
  if (type === undefined || type === '') {
    if (mayLackType || depth === 0) return []; // the root has its own sentence
    return [required(`${path}.type`, 'must not be empty for specified object fields')];
  }
  if (typeof type !== 'string' || !types.includes(type)) {
    return [notSupported(`${path}.type`, type, types)];
  }
  if (type !== 'array') return [];
  const items = own(schema, 'items');
  if (Array.isArray(items)) {
    return [forbidden(`${path}.items`, 'items must be a schema object and not an array')];
  }
  return isObject(items) ? [] : [required(`${path}.items`, 'must be specified')];
}

function patternErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const pattern = own(schema, 'pattern');
  if (typeof pattern !== 'string') return [];
  const parsed = parsePattern(pattern);
  if (parsed.kind === 'pattern') return [];
  const why = `must be a valid regular expression, but isn't: ${parsed.why}`;
  return [invalid(`${path}.pattern`, pattern, why)];
}

const listTypes = ['atomic', 'set', 'map'];

function listErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const listType = own(schema, 'x-kubernetes-list-type');
  if (listType === undefined) return [];
  if (!listTypes.includes(String(listType))) {
    return [notSupported(`${path}.x-kubernetes-list-type`, listType, listTypes)];
  }
  const items = own(schema, 'items');
  if (!isObject(items)) return [];
  if (listType === 'set') {
    const compound = ['object', 'array'].includes(String(own(items, 'type')));
    if (!compound || own(items, 'x-kubernetes-map-type') === 'atomic') return [];
    if (own(items, 'type') === 'array') return [];
    const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    return [invalid(`${path}.items.x-kubernetes-map-type`, undefined, why)];
  }
  return listType === 'map' ? listMapErrors(schema, items, path) : [];
}

function listMapErrors(schema: JsonObject, items: JsonObject, path: string) {
  const keys = own(schema, 'x-kubernetes-list-map-keys');
  if (!Array.isArray(keys) || keys.length === 0) {
    const why = 'must not be empty if x-kubernetes-list-type is map';
    return [required(`${path}.x-kubernetes-list-map-keys`, why)];
  }
  const properties = own(items, 'properties');
  const needed = own(items, 'required');
  return keys.flatMap((key: unknown) => {
    const property = isObject(properties) ? own(properties, String(key)) : undefined;
    if (!isObject(property)) {
      const why = 'entries must all be names of item properties';
      return [invalid(`${path}.x-kubernetes-list-map-keys`, key, why)];
    }
    const given = (Array.isArray(needed) && needed.includes(key)) || 'default' in property;
    const why =
      'this property is in x-kubernetes-list-map-keys, ' +
      'so it must have a default or be a required property';
    return given ? [] : [required(`${path}.items.properties[${key}].default`, why)];
  });
}

/** What gives a field its shape may not hide in a combinator. */
const shaping = ['type', 'description', 'default', 'nullable', 'additionalProperties', 'title'];

function combinatorErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => {
    const list = own(schema, name);
    if (!Array.isArray(list)) return [];
    return list.map((branch: unknown, i) => [branch, `${path}.${name}[${i}]`] as const);
  });
  return [...branches, [own(schema, 'not'), `${path}.not`] as const].flatMap(([branch, at]) => {
    if (!isObject(branch)) return [];
    const shapes = shaping
      .filter((name) => own(branch, name) !== undefined)
      .map((name) => forbidden(`${at}.${name}`, 'must be empty to be structural'));
    return [...shapes, ...patternErrors(branch, at), ...combinatorErrors(branch, at)];
  });
}

function childrenOf(schema: JsonObject, place: Place): readonly (readonly [JsonObject, Place])[] {
  const { path, depth } = place;
  const children: [JsonObject, Place][] = [];
  const properties = own(schema, 'properties');
  const below = (at: string) => ({ ...place, path: `${path}.${at}`, depth: depth + 1 });
  for (const [name, child] of Object.entries(isObject(properties) ? properties : {})) {
    if (isObject(child)) children.push([child, below(`properties[${name}]`)]);
  }
  const values = own(schema, 'additionalProperties');
  if (isObject(values)) children.push([values, below('additionalProperties')]);
  const items = own(schema, 'items');
  if (isObject(items)) {
    const keyed = own(schema, 'x-kubernetes-list-type') === 'map';
    children.push([items, { ...below('items'), ...(keyed ? {} : { uncorrelatable: path }) }]);
  }
  return children;
}

function soundSchemaErrors(schema: JsonObject, place: Place): readonly FieldError[] {
  const typed = schema as Schema;
  const embedded = typed['x-kubernetes-embedded-resource'] === true;
  return [
    ...ruleDefinitionErrors({
      schema: typed,
      path: place.path,
      isObjectRoot: place.depth === 0 || embedded,
      ...(place.uncorrelatable === undefined ? {} : { uncorrelatable: place.uncorrelatable }),
    }),
    ...defaultErrors(schema, place.path),
    ...childrenOf(schema, place).flatMap(([child, at]) => soundSchemaErrors(child, at)),
  ];
}

function defaultErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const value = own(schema, 'default');
  if (value === undefined || value === null) return [];
  const at = `${path}.default`;
  const unknown = prune(schema, value).dropped;
  if (unknown.length > 0) return [invalid(at, value, 'must not have unknown fields')];
  return validate(schema, applyDefaults(schema, value)).map((error) => ({
    ...error,
    field: error.field === noField ? at : `${at}.${error.field}`,
  }));
}
