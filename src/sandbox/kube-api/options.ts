/** The query parameters and DeleteOptions of writes, checked as the real server checks them. */
import { invalid as invalidError } from './api-error.ts';
import { asMap, type JsonMap } from './json.ts';
import { type FieldError, invalid, notSupported } from './schema/field-error.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly dryRun: boolean;
  /** Who the written fields belong to. */
  readonly manager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

const managerLengthMax = 128;

export function writeOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  query: URLSearchParams,
  userAgent: string,
): WriteOptions {
  const fieldValidation = query.get('fieldValidation') ?? '';
  const manager = query.get('fieldManager') ?? '';
  const errors: FieldError[] = [...dryRunErrors(query.getAll('dryRun'))];
  if (manager.length > managerLengthMax) {
    errors.push(invalid('fieldManager', manager, `may not be more than ${managerLengthMax} bytes`));
  }
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(fieldValidation)) {
    const supported = ['', 'Ignore', 'Strict', 'Warn'];
    errors.push(notSupported('fieldValidation', fieldValidation, supported));
  }
  refuse(kind, errors);
  return {
    dryRun: query.getAll('dryRun').length > 0,
    manager: manager === '' ? managerOf(userAgent) : manager,
    fieldValidation: (fieldValidation === '' ? 'Warn' : fieldValidation) as FieldValidation,
    force: query.get('force') === 'true',
  };
}

/** A client that does not name itself is known by the first part of its user agent. */
function managerOf(userAgent: string): string {
  const name = (userAgent.split('/')[0] ?? '').replace(/[^\x20-\x7e]/g, '');
  return name === '' ? 'unknown' : name.slice(0, managerLengthMax);
}

export type Propagation = 'Foreground' | 'Background' | 'Orphan';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly propagation: Propagation;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** From the body when there is one, else from the query, as clients send either. */
export function deleteOptions(body: JsonMap | undefined, query: URLSearchParams): DeleteOptions {
  const given = body ?? {};
  const dryRun = Array.isArray(given.dryRun) ? given.dryRun : query.getAll('dryRun');
  const propagation = String(given.propagationPolicy ?? query.get('propagationPolicy') ?? '');
  const orphan = given.orphanDependents ?? query.get('orphanDependents') === 'true';
  const supported = ['Foreground', 'Background', 'Orphan'];
  refuse('DeleteOptions', [
    ...dryRunErrors(dryRun),
    ...(propagation === '' || supported.includes(propagation)
      ? []
      : [notSupported('propagationPolicy', propagation, [...supported, 'nil'])]),
  ]);
  const { uid, resourceVersion } = asMap(given.preconditions);
  const fallback = orphan === true ? 'Orphan' : 'Background';
  return {
    dryRun: dryRun.length > 0,
    propagation: propagation === '' ? fallback : (propagation as Propagation),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
  };
}

function dryRunErrors(values: readonly unknown[]): readonly FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}

export function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', kind }, '', errors);
}
