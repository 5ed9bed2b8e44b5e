/** ConfigMap and Secret: maps of data, with the checks that people run into. */
import { type ApiObject, asMap, without } from '../json.ts';
import type { Kind } from '../kind.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../schema/field-error.ts';
import { jsonEqual } from '../schema/json-value.ts';
import { builtinKind } from './builtin-kind.ts';
import { bytes, flag, mapOf, objectSchema, text } from './schema-words.ts';

/** The real server's limit, which etcd's own limit on values stands behind. */
const dataBytesMax = 1024 * 1024;

export function configKinds(): readonly Kind[] {
  return [configMaps(), secrets()];
}

function configMaps(): Kind {
  return builtinKind({
    group: '',
    version: 'v1',
    plural: 'configmaps',
    kind: 'ConfigMap',
    shortNames: ['cm'],
    schema: objectSchema('Settings and small files that are not secret.', {
      data: mapOf('Values as text, by key.', { type: 'string' }),
      binaryData: mapOf('Values as bytes in base64, by key.', bytes('')),
      immutable: flag('When true, the data can never be changed again.'),
    }),
    validate: (next, old) => [
      ...dataErrors(next, ['data', 'binaryData']),
      ...immutableErrors(next, old, ['data', 'binaryData']),
    ],
  });
}

function secrets(): Kind {
  return builtinKind({
    group: '',
    version: 'v1',
    plural: 'secrets',
    kind: 'Secret',
    selectable: ['type'],
    schema: objectSchema('Small pieces of sensitive data.', {
      data: mapOf('Values as bytes in base64, by key.', bytes('')),
      stringData: mapOf('Values as text; written into data and never shown.', { type: 'string' }),
      type: text('What the data is for: Opaque unless told otherwise.'),
      immutable: flag('When true, the data can never be changed again.'),
    }),
    withDefaults: withEncodedData,
    validate: (next, old) => [
      ...dataErrors(next, ['data']),
      ...missingKeyErrors(next),
      ...(old === undefined || old.type === next.type
        ? []
        : [invalid('type', next.type, 'field is immutable')]),
      ...immutableErrors(next, old, ['data']),
    ],
  });
}

/** The keys that a type of secret promises to its readers. */
const keysOfType: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function missingKeyErrors({ type, data }: ApiObject): readonly FieldError[] {
  const keys = keysOfType[String(type)] ?? [];
  return keys
    .filter((key) => asMap(data)[key] === undefined)
    .map((key) => required(`data[${key}]`));
}

function withEncodedData(secret: ApiObject): ApiObject {
  const typed = secret.type === undefined ? { ...secret, type: 'Opaque' } : secret;
  if (typed.stringData === undefined) return typed;
  const encoded = Object.entries(asMap(typed.stringData)).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = { ...asMap(typed.data), ...Object.fromEntries(encoded) };
  return { ...without(typed, 'stringData'), data };
}

function dataErrors(object: ApiObject, names: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const name of names) {
    for (const [key, value] of Object.entries(asMap(object[name]))) {
      errors.push(...keyErrors(`${name}[${key}]`, key));
      size += Buffer.byteLength(String(value));
    }
  }
  return size > dataBytesMax
    ? [...errors, tooLong(names.length > 1 ? '' : 'data', dataBytesMax)]
    : errors;
}

function keyErrors(field: string, key: string): readonly FieldError[] {
  if (key.length > 253) return [invalid(field, key, 'must be no more than 253 bytes')];
  if (key === '.') return [invalid(field, key, "must not be '.'")];
  if (key === '..') return [invalid(field, key, "must not be '..'")];
  if (key.startsWith('..')) return [invalid(field, key, "must not start with '..'")];
  if (/^[-._a-zA-Z0-9]+$/.test(key)) return [];
  return [
    invalid(
      field,
      key,
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ),
  ];
}

function immutableErrors(
  next: ApiObject,
  old: ApiObject | undefined,
  names: readonly string[],
): readonly FieldError[] {
  if (old?.immutable !== true) return [];
  const frozen = 'field is immutable when `immutable` is set';
  return [
    ...(next.immutable === true ? [] : [forbidden('immutable', frozen)]),
    ...names
      .filter((name) => !jsonEqual(asMap(old[name]), asMap(next[name])))
      .map((name) => forbidden(name, frozen)),
  ];
}
