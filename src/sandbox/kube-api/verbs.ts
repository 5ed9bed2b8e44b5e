/** One request for a resource, from its parts to its answer: which verb does what. */
import {
  ApiError,
  deleted,
  methodNotAllowed,
  notFound,
  type Status,
  unsupportedMediaType,
} from './api-error.ts';
import { readObject, readOptions, readText } from './body.ts';
import { type Call, storedObject } from './call.ts';
import { deleteObject } from './delete.ts';
import { judgeFields } from './field-validation.ts';
import type { ApiObject } from './json.ts';
import type { Kind } from './kind.ts';
import { listObjects } from './list.ts';
import { mediaTypeOf, type Representation } from './negotiation.ts';
import { deleteOptions, type WriteOptions, writeOptions } from './options.ts';
import { acceptedPatchTypes, checkPatchOptions, patchObject, patchTypes } from './patch.ts';
import { applyConfiguration } from './patch-apply.ts';
import { presentList, presentObject, watchEncoder } from './presentation.ts';
import type { Verb } from './request-info.ts';
import { watchObjects } from './watch.ts';
import type { WatchHub } from './watch-hub.ts';
import { createObject, requireName, updateObject, type Written } from './write.ts';

export type Answer =
  | { readonly kind: 'body'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'stream'; readonly stream: ReadableStream<Uint8Array> };

export async function answer(
  call: Call,
  verb: Verb,
  request: Request,
  { as }: Representation,
  hub: WatchHub,
): Promise<Answer> {
  if (!call.kind.served.verbs.includes(verb)) throw methodNotAllowed();
  const ok = (object: ApiObject, status = 200): Answer => ({
    kind: 'body',
    status,
    value: presentObject(call, object, as),
  });
  switch (verb) {
    case 'get':
      return ok(call.kind.present(existing(call)));
    case 'list':
      return { kind: 'body', status: 200, value: presentList(call, listObjects(call), as) };
    case 'watch': {
      const stream = watchObjects(call, watchEncoder(call, as), hub, request.signal);
      return { kind: 'stream', stream };
    }
    case 'create':
      return ok(await create(call, request), 201);
    case 'update': {
      const { object, created } = await update(call, request);
      return ok(object, created ? 201 : 200);
    }
    case 'patch': {
      const { object, created } = await patch(call, request);
      return ok(object, created ? 201 : 200);
    }
    case 'delete': {
      const value = await remove(call, request);
      return value.kind === 'Status'
        ? { kind: 'body', status: 200, value }
        : ok(value as ApiObject);
    }
    case 'deletecollection':
      return { kind: 'body', status: 200, value: await removeAll(call, request) };
    default:
      return verb satisfies never;
  }
}

function existing(call: Call): ApiObject {
  const stored = storedObject(call);
  if (stored === undefined) throw notFound(call.kind.served, call.name);
  return stored;
}

/** The object that the client sent, without what its kind does not know, with its defaults. */
async function readDecoded(call: Call, request: Request, options: WriteOptions) {
  const { object: given, duplicates } = await readObject(request, call.kind);
  const { object, unknownFields } = call.kind.decode(given);
  const strange = { unknown: unknownFields, duplicate: duplicates };
  judgeFields(call, strange, options.fieldValidation);
  return object;
}

async function create(call: Call, request: Request): Promise<ApiObject> {
  if (call.name !== '') throw methodNotAllowed();
  const options = writeOptions('CreateOptions', call.query, call.userAgent);
  const object = await readDecoded(call, request, options);
  const { evaluate } = call.kind;
  if (evaluate !== undefined) return evaluate(object);
  return createObject(call, object, options);
}

async function update(call: Call, request: Request): Promise<Written> {
  const options = writeOptions('UpdateOptions', call.query, call.userAgent);
  const next = await readDecoded(call, request, options);
  requireName(call, next);
  const stored = storedObject(call);
  if (stored !== undefined) {
    const object = updateObject(call, stored, { next, source: 'put' }, options);
    return { object, created: false };
  }
  if (!call.kind.createOnUpdate) throw notFound(call.kind.served, call.name);
  return { object: createObject(call, next, options), created: true };
}

async function patch(call: Call, request: Request): Promise<Written> {
  const type = mediaTypeOf(request);
  const accepted = acceptedPatchTypes(call);
  if (!accepted.includes(type)) throw unsupportedPatch(call.kind, accepted);
  const options = writeOptions('PatchOptions', call.query, call.userAgent);
  checkPatchOptions(type, options, call.query);
  const text = await readText(request);
  if (type === patchTypes.apply) return applyConfiguration(call, text, options);
  return { object: patchObject(call, type, text, options), created: false };
}

/** The real server has two ways of saying so. */
function unsupportedPatch(kind: Kind, accepted: readonly string[]): ApiError {
  if (kind.custom) return unsupportedMediaType(accepted);
  return new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

async function remove(call: Call, request: Request): Promise<ApiObject | Status> {
  const options = deleteOptions(await readOptions(request), call.query);
  const { object, gone } = deleteObject(call, existing(call), options);
  const { served } = call.kind;
  return gone ? deleted(served, object.metadata.name, object.metadata.uid) : object;
}

async function removeAll(call: Call, request: Request): Promise<unknown> {
  const options = deleteOptions(await readOptions(request), call.query);
  const list = listObjects(call);
  for (const { metadata } of list.items) {
    const one = { ...call, name: metadata.name, namespace: metadata.namespace };
    const stored = storedObject(one);
    if (stored !== undefined) deleteObject(one, stored, options);
  }
  return presentList(call, list, 'object');
}
