/** The rules of `metadata` that hold for every kind, in the words of the real server. Pure. */
import { type ApiObject, asList, asMap } from './json.ts';
import type { Kind, NameRule } from './kind.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from './schema/field-error.ts';
import { jsonEqual } from './schema/json-value.ts';

/** Of all annotations together, as the real server limits them. */
const annotationBytesMax = 256 * 1024;

const subdomainMax = 253;
const labelMax = 63;

export function metaErrors(
  kind: Kind,
  object: ApiObject,
  old: ApiObject | undefined,
): readonly FieldError[] {
  const { metadata } = object;
  return [
    ...(old === undefined ? nameErrors('metadata.name', metadata.name, kind.nameRule) : []),
    ...labelErrors(metadata.labels),
    ...annotationErrors(metadata.annotations),
    ...finalizerErrors(metadata.finalizers, kind.custom),
    ...ownerErrors(object),
    ...(old === undefined ? [] : changeErrors(object, old)),
  ];
}

function nameErrors(field: string, name: string, rule: NameRule): readonly FieldError[] {
  const why = rule === 'path' ? pathProblem(name) : dnsProblems(name, rule);
  return why.map((detail) => invalid(field, name, detail));
}

function pathProblem(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%']
    .filter((part) => name.includes(part))
    .map((part) => `may not contain '${part}'`);
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

function dnsProblems(name: string, rule: 'subdomain' | 'label'): readonly string[] {
  const max = rule === 'label' ? labelMax : subdomainMax;
  const pattern = rule === 'label' ? label : `${label}(\\.${label})*`;
  if (rule === 'label' && name.includes('.')) return ['must not contain dots'];
  const problems = name.length > max ? [`must be no more than ${max} bytes`] : [];
  if (new RegExp(`^${pattern}$`).test(name)) return problems;
  return [
    ...problems,
    rule === 'label'
      ? `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${pattern}')`
      : `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${pattern}')`,
  ];
}

const word = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const nameRule = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${word}')`;

function qualifiedNameProblems(name: string): readonly string[] {
  const parts = name.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined;
  const base = parts.at(-1) as string;
  const problems: string[] = [];
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined) {
    problems.push(...dnsProblems(prefix, 'subdomain').map((problem) => `prefix part ${problem}`));
  }
  if (base === '') problems.push('name part must be non-empty');
  else if (base.length > labelMax)
    problems.push(`name part must be no more than ${labelMax} bytes`);
  if (!new RegExp(`^${word}$`).test(base)) problems.push(`name part ${nameRule}`);
  return problems;
}

function labelErrors(labels: unknown): readonly FieldError[] {
  return Object.entries(asMap(labels)).flatMap(([key, value]) => {
    const text = String(value);
    const errors = qualifiedNameProblems(key).map((why) => invalid('metadata.labels', key, why));
    if (text.length > labelMax) {
      errors.push(invalid('metadata.labels', text, `must be no more than ${labelMax} bytes`));
    }
    if (text !== '' && !new RegExp(`^${word}$`).test(text)) {
      errors.push(
        invalid(
          'metadata.labels',
          text,
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${word})?')`,
        ),
      );
    }
    return errors;
  });
}

function annotationErrors(annotations: unknown): readonly FieldError[] {
  let size = 0;
  const errors = Object.entries(asMap(annotations)).flatMap(([key, value]) => {
    size += Buffer.byteLength(key) + Buffer.byteLength(String(value));
    return qualifiedNameProblems(key.toLowerCase()).map((why) =>
      invalid('metadata.annotations', key, why),
    );
  });
  if (size > annotationBytesMax) errors.push(tooLong('metadata.annotations', annotationBytesMax));
  return errors;
}

/** Finalizers of the platform itself, which need no domain in front. */
const platformFinalizers: readonly string[] = ['foregroundDeletion', 'orphan', 'kubernetes'];

function finalizerErrors(finalizers: unknown, custom: boolean): readonly FieldError[] {
  return asList(finalizers).flatMap((each, index) => {
    const name = String(each);
    const problems = qualifiedNameProblems(name);
    const errors = problems.map((why) => invalid('metadata.finalizers', name, why));
    if (!custom && !isQualified(name)) {
      const why = 'name is neither a standard finalizer name nor is it fully qualified';
      errors.push(invalid(`metadata.finalizers[${index}]`, name, why));
    }
    return errors;
  });
}

function isQualified(name: string): boolean {
  return name.includes('/') || platformFinalizers.includes(name);
}

/** On a custom resource, a finalizer without a domain is accepted with this warning. */
export function finalizerWarnings(object: ApiObject, old: ApiObject | undefined): string[] {
  const before = old?.metadata.finalizers ?? [];
  const fresh = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  return fresh
    .filter((name) => !isQualified(name))
    .map(
      (name) =>
        `metadata.finalizers: "${name}": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );
}

function ownerErrors({ metadata }: ApiObject): readonly FieldError[] {
  const owners = asList(metadata.ownerReferences).map(asMap);
  const errors = owners.flatMap((owner, index) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((field) => owner[field] === undefined || owner[field] === '')
      .map((field) => required(`metadata.ownerReferences[${index}].${field}`, 'must not be empty')),
  );
  const controllers = owners.filter(({ controller }) => controller === true);
  if (controllers.length > 1) {
    const names = controllers.map(({ name }) => `"${name}"`).join(' and ');
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
    errors.push(invalid('metadata.ownerReferences', metadata.ownerReferences, detail));
  }
  return errors;
}

function changeErrors(object: ApiObject, old: ApiObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (old.metadata.deletionTimestamp !== undefined) {
    const before = old.metadata.finalizers ?? [];
    const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
    if (added.length > 0) {
      const names = added.map((name) => `"${name}"`).join(', ');
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`;
      errors.push(forbidden('metadata.finalizers', why));
    }
  }
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    const value = object.metadata[field];
    if (!jsonEqual(value, old.metadata[field])) {
      errors.push(invalid(`metadata.${field}`, value ?? '', 'field is immutable'));
    }
  }
  return errors;
}
