/**
 * Judges a CustomResourceDefinition at its creation, in the API server's words. Not checked: the
 * estimated cost of CEL rules, conversion webhooks, and whether another CRD has the same names
 * (that is a condition of its status, not an error).
 */

import { schemaDefinitionErrors } from './crd-schema.ts';
import {
  type FieldError,
  invalid,
  invalidWithoutValue,
  notSupported,
  required,
} from './field-error.ts';
import type { Schema } from './json-schema.ts';
import { canonicalJson, isObject, type JsonObject, own } from './json-value.ts';

export function crdErrors(crd: unknown): readonly FieldError[] {
  const spec = objectAt(crd, 'spec');
  return [
    ...nameErrors(crd, spec),
    ...scopeErrors(spec),
    ...namesErrors(objectAt(spec, 'names')),
    ...versionsErrors(spec),
  ];
}

const labelPattern = '[a-z]([-a-z0-9]*[a-z0-9])?';
const labelRule =
  'a DNS-1035 label must consist of lower case alphanumeric characters or ' +
  "'-', start with an alphabetic character, and end with an alphanumeric character " +
  `(e.g. 'my-name',  or 'abc-123', regex used for validation is '${labelPattern}')`;

const subdomainPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const subdomainRule =
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
  "'-' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'example.com', regex used for validation is '${subdomainPattern}')`;

function objectAt(parent: unknown, name: string): JsonObject {
  const child = isObject(parent) ? own(parent, name) : undefined;
  return isObject(child) ? child : {};
}

function listAt(parent: JsonObject, name: string): readonly unknown[] {
  const list = own(parent, name);
  return Array.isArray(list) ? list : [];
}

function nameErrors(crd: unknown, spec: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = own(objectAt(crd, 'metadata'), 'name') ?? '';
  const group = own(spec, 'group') ?? '';
  if (!isSubdomain(name)) errors.push(invalid('metadata.name', name, subdomainRule));
  if (name !== `${own(objectAt(spec, 'names'), 'plural') ?? ''}.${group}`) {
    errors.push(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (group === '') errors.push(required('spec.group'));
  else if (!isSubdomain(group)) errors.push(invalid('spec.group', group, subdomainRule));
  return errors;
}

function scopeErrors(spec: JsonObject): readonly FieldError[] {
  const scope = own(spec, 'scope');
  if (scope === undefined || scope === '') return [required('spec.scope')];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(String(scope)) ? [] : [notSupported('spec.scope', scope, scopes)];
}

function namesErrors(names: JsonObject): readonly FieldError[] {
  const kind = String(own(names, 'kind') ?? '');
  const checked: readonly (readonly [string, unknown])[] = [
    ['plural', own(names, 'plural') ?? ''],
    ['singular', own(names, 'singular') ?? kind.toLowerCase()],
    ['kind', kind],
    ['listKind', own(names, 'listKind') ?? (kind && `${kind}List`)],
    ...listAt(names, 'shortNames').map((each, i) => [`shortNames[${i}]`, each] as const),
    ...listAt(names, 'categories').map((each, i) => [`categories[${i}]`, each] as const),
  ];
  return checked.flatMap(([field, name]) => {
    const path = `spec.names.${field}`;
    if (name === '') return [required(path)];
    const mixed = field === 'kind' || field === 'listKind';
    if (isLabel(mixed ? String(name).toLowerCase() : name)) return [];
    const why = mixed ? `may have mixed case, but should otherwise match: ${labelRule}` : labelRule;
    return [invalid(path, name, why)];
  });
}

function isLabel(name: unknown): boolean {
  return typeof name === 'string' && name.length <= 63 && matches(labelPattern, name);
}

function isSubdomain(name: unknown): boolean {
  return typeof name === 'string' && name.length <= 253 && matches(subdomainPattern, name);
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern}$`).test(text);
}

function versionsErrors(spec: JsonObject): readonly FieldError[] {
  const versions = listAt(spec, 'versions').filter(isObject);
  const errors: FieldError[] = [];
  const names = versions.map((version) => own(version, 'name') ?? '');
  names.forEach((name, i) => {
    if (!isLabel(name)) errors.push(invalid(`spec.versions[${i}].name`, name, labelRule));
  });
  if (new Set(names).size < names.length) {
    errors.push(invalidWithoutValue('spec.versions', 'must contain unique version names'));
  }
  if (versions.filter((version) => own(version, 'storage') === true).length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    errors.push(invalidWithoutValue('spec.versions', why));
  }
  if (own(spec, 'preserveUnknownFields') === true) {
    const why =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true ' +
      'in spec.versions[*].schema instead';
    errors.push(invalid('spec.preserveUnknownFields', true, why));
  }
  const [first, ...others] = versions;
  const same = (field: string) =>
    others.every((each) => canonicalJson([own(each, field)]) === canonicalJson([first?.[field]]));
  const judged = same('schema') ? versions.slice(0, 1) : versions;
  judged.forEach((version, i) => {
    errors.push(...schemaErrors(version, i, judged.length === 1));
  });
  versions.forEach((version, i) => {
    const prefix = versions.length === 1 ? 'spec' : `spec.versions[${i}]`;
    errors.push(...columnErrors(version, prefix), ...selectableErrors(version, prefix));
  });
  return errors;
}

/** The server names a schema that all versions share by the field of an older API. */
function schemaErrors(version: JsonObject, index: number, shared: boolean): readonly FieldError[] {
  const schema = own(objectAt(version, 'schema'), 'openAPIV3Schema');
  const path = `spec.versions[${index}].schema.openAPIV3Schema`;
  if (schema === undefined) return [required(path)];
  return schemaDefinitionErrors(schema, shared ? 'spec.validation.openAPIV3Schema' : path);
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function columnErrors(version: JsonObject, prefix: string): readonly FieldError[] {
  return listAt(version, 'additionalPrinterColumns').flatMap((column, i) => {
    if (!isObject(column)) return [];
    const path = `${prefix}.additionalPrinterColumns[${i}]`;
    const errors: FieldError[] = [];
    const { name, type, jsonPath } = column;
    if (!name) errors.push(required(`${path}.name`));
    if (!type) {
      errors.push(required(`${path}.type`, `must be one of ${columnTypes.join(',')}`));
    } else if (!columnTypes.includes(String(type))) {
      errors.push(invalid(`${path}.type`, type, `must be one of ${columnTypes.join(',')}`));
    }
    if (!jsonPath) errors.push(required(`${path}.JSONPath`));
    else if (!String(jsonPath).startsWith('.')) {
      const why = 'must be a simple json path starting with .';
      errors.push(invalid(`${path}.JSONPath`, jsonPath, why));
    }
    return errors;
  });
}

function selectableErrors(version: JsonObject, prefix: string): readonly FieldError[] {
  const root = own(objectAt(version, 'schema'), 'openAPIV3Schema');
  return listAt(version, 'selectableFields').flatMap((selectable, i) => {
    const path = `${prefix}.selectableFields[${i}].jsonPath`;
    const jsonPath = isObject(selectable) ? String(own(selectable, 'jsonPath') ?? '') : '';
    if (jsonPath === '') return [required(path)];
    let node: unknown = root;
    for (const name of jsonPath.replace(/^\./, '').split('.')) {
      node = own(objectAt(node, 'properties'), name);
    }
    if (!isObject(node)) {
      const why = 'is an invalid path: does not refer to a valid field';
      return [invalid(path, jsonPath, why)];
    }
    if (['string', 'boolean', 'integer'].includes((node as Schema).type ?? '')) return [];
    const why =
      'must point to a field of type string, boolean or integer. ' +
      'Enum string fields and strings with formats are allowed.';
    return [invalid(path, jsonPath, why)];
  });
}
