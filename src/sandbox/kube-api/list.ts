/**
 * Lists: filtered, in pages when the client wants pages, all pages of one list from one revision.
 * The continue token holds that revision and the key to go on from; to clients it is opaque.
 */
import { ApiError, badRequest, expired, internal } from './api-error.ts';
import { type Call, revisionOf } from './call.ts';
import type { ApiObject } from './json.ts';
import { refuse } from './options.ts';
import { type FieldError, forbidden, invalid, notSupported } from './schema/field-error.ts';
import { fieldPredicate, labelPredicate, type Predicate } from './selectors.ts';
import { entriesAt } from './snapshot.ts';

export interface ObjectList {
  readonly items: readonly ApiObject[];
  readonly revision: number;
  readonly continueToken?: string;
  readonly remaining?: number;
}

/** Selectors of the query and the name on the path, as one predicate over presented objects. */
export function selection(call: Call): Predicate | undefined {
  const { query, kind, name } = call;
  const predicates = [
    labelPredicate(query.get('labelSelector')),
    fieldPredicate(query.get('fieldSelector'), kind),
    name === '' ? undefined : (object: ApiObject) => object.metadata.name === name,
  ].filter((each) => each !== undefined);
  if (predicates.length === 0) return undefined;
  return (object) => predicates.every((holds) => holds(object));
}

export function listObjects(call: Call): ObjectList {
  const { query, kind, server } = call;
  checkListOptions(query);
  const limit = wholeNumber(query.get('limit'));
  const token = query.get('continue') ?? '';
  const from = token === '' ? undefined : decodeToken(token);
  const prefix = prefixOf(call);
  const revision =
    from === undefined
      ? startRevision(call)
      : from.revision < 0
        ? server.store.revision()
        : from.revision;
  const select = selection(call);
  const entries =
    revision > server.store.revision()
      ? undefined
      : entriesAt(server.store, kind.storage, prefix, revision);
  if (entries === undefined) throw tooOld(from?.key, revision, server.store.revision());
  const items: ApiObject[] = [];
  let index = from === undefined ? 0 : firstAtOrAfter(entries, prefix + from.key);
  let lastKey = '';
  for (; index < entries.length && (limit === 0 || items.length < limit); index += 1) {
    const entry = entries[index];
    if (entry === undefined) break;
    const object = kind.present(entry.object);
    lastKey = entry.key;
    if (select === undefined || select(object)) items.push(object);
  }
  const rest = entries.length - index;
  if (rest === 0) return { items, revision };
  const continueToken = encodeToken(revision, `${lastKey.slice(prefix.length)}\u0000`);
  // With selectors the server would have to look at everything to know what remains.
  return select === undefined
    ? { items, revision, continueToken, remaining: rest }
    : { items, revision, continueToken };
}

export function prefixOf({ kind, namespace }: Call): string {
  return kind.served.namespaced && namespace !== undefined ? `${namespace}/` : '';
}

function firstAtOrAfter(entries: readonly { readonly key: string }[], key: string): number {
  const index = entries.findIndex((entry) => entry.key >= key);
  return index < 0 ? entries.length : index;
}

function startRevision({ query, server }: Call): number {
  const asked = query.get('resourceVersion') ?? '';
  const current = server.store.revision();
  if (asked === '' || asked === '0') return current;
  const revision = revisionOf(asked);
  if (revision > current) throw tooLarge(revision, current);
  return query.get('resourceVersionMatch') === 'Exact' ? revision : current;
}

/** A client that knows a newer state than this server: it must wait, not read the past. */
function tooLarge(asked: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  return new ApiError(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

function tooOld(key: string | undefined, revision: number, current: number): ApiError {
  if (key === undefined) return expired('The resourceVersion for the provided list is too old.');
  const anew = encodeToken(-1, key);
  return expired(
    `The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.`,
    revision < current ? { continue: anew } : {},
  );
}

export function checkListOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const watching = query.has('watch');
  const initialEvents = query.get('sendInitialEvents');
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  const forbid = (name: string, why: string) => errors.push(forbidden(name, why));
  if (watching && initialEvents === null && match !== '') {
    forbid(
      field,
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  } else if (watching && initialEvents !== null && match !== 'NotOlderThan') {
    forbid(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  } else if (!watching && match !== '') {
    if (version === '') {
      forbid(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    }
    if ((query.get('continue') ?? '') !== '') {
      forbid(field, 'resourceVersionMatch is forbidden when continue is provided');
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && version === '0') {
      forbid(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (!watching && initialEvents !== null) {
    forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  refuse('ListOptions', errors);
  if (version === '' || /^\d+$/.test(version)) return;
  const why = `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
  const { message } = invalid('resourceVersion', version, why);
  if (watching) throw internal(`resourceVersion: ${message}`);
  throw badRequest(`invalid resource version: resourceVersion: ${message}`);
}

/** A number of the query; 0 when it is not there. */
export function wholeNumber(value: string | null): number {
  if (value === null || value === '') return 0;
  if (/^-?\d+$/.test(value)) return Number(value);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function encodeToken(revision: number, start: string): string {
  const token = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start });
  return Buffer.from(token).toString('base64url');
}

/** A revision of −1 asks for the newest state from the key on: what a 410 hands out. */
function decodeToken(token: string): { readonly revision: number; readonly key: string } {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (v === 'meta.k8s.io/v1' && typeof rv === 'number' && typeof start === 'string') {
      return { revision: rv, key: start };
    }
  } catch {
    // Answered below: the token is the client's, and it is broken either way.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
