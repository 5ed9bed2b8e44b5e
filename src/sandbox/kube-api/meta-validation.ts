/** The rules of `metadata` that hold for every kind, in the words of the real server. Pure. */
import { dnsProblems, labelValueProblems, qualifiedNameProblems } from '../../kube/label-syntax.ts';
import { type ApiObject, asList, asMap } from './json.ts';
import type { Kind, NameRule } from './kind.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from './schema/field-error.ts';
import { jsonEqual } from './schema/json-value.ts';

/** Of all annotations together, as the real server limits them. */
const annotationBytesMax = 256 * 1024;

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

function labelErrors(labels: unknown): readonly FieldError[] {
  return Object.entries(asMap(labels)).flatMap(([key, value]) => {
    const text = String(value);
    return [
      ...qualifiedNameProblems(key).map((why) => invalid('metadata.labels', key, why)),
      ...labelValueProblems(text).map((why) => invalid('metadata.labels', text, why)),
    ];
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
