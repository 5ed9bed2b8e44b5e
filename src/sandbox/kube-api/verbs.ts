/** One request for a resource, from its parts to its answer: which verb does what. */
import {
  deleted,
  methodNotAllowed,
  notFound,
  type Status,
  unsupportedMediaType,
} from './api-error.ts';
import { parseObject, readBody } from './body.ts';
import { type Call, storedObject } from './call.ts';
import { deleteObject } from './delete.ts';
import { judgeFields } from './field-validation.ts';
import type { ApiObject, JsonMap } from './json.ts';
import { listObjects } from './list.ts';
import { mediaTypeOf, type Representation } from './negotiation.ts';
import { deleteOptions, writeOptions } from './options.ts';
import { acceptedPatchTypes, patchObject } from './patch.ts';
import { presentList, presentObject, watchEncoder } from './presentation.ts';
import type { Verb } from './request-info.ts';
import { watchObjects } from './watch.ts';
import type { WatchHub } from './watch-hub.ts';
import { createObject, updateObject } from './write.ts';

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

async function create(call: Call, request: Request): Promise<ApiObject> {
  if (call.name !== '') throw methodNotAllowed();
  const options = writeOptions('CreateOptions', call.query, call.userAgent);
  const given = parseObject(request, call.kind, await readBody(request));
  const { object, unknownFields } = call.kind.decode(given);
  judgeFields(call, unknownFields, [], options.fieldValidation);
  return createObject(call, object, options);
}

interface Written {
  readonly object: ApiObject;
  readonly created: boolean;
}

async function update(call: Call, request: Request): Promise<Written> {
  const options = writeOptions('UpdateOptions', call.query, call.userAgent);
  const given = parseObject(request, call.kind, await readBody(request));
  const { object: next, unknownFields } = call.kind.decode(given);
  judgeFields(call, unknownFields, [], options.fieldValidation);
  const stored = storedObject(call);
  if (stored !== undefined) {
    return {
      object: updateObject(call, stored, { next, tracked: false }, options),
      created: false,
    };
  }
  if (!call.kind.createOnUpdate) throw notFound(call.kind.served, call.name);
  return { object: createObject(call, next, options), created: true };
}

async function patch(call: Call, request: Request): Promise<Written> {
  const type = mediaTypeOf(request);
  const accepted = acceptedPatchTypes(call);
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
  const options = writeOptions('PatchOptions', call.query, call.userAgent);
  return { object: patchObject(call, type, await readBody(request), options), created: false };
}

async function remove(call: Call, request: Request): Promise<ApiObject | Status> {
  const options = deleteOptions(optionsBody(await readBody(request)), call.query);
  const { object, gone } = deleteObject(call, existing(call), options);
  const { served } = call.kind;
  return gone ? deleted(served, object.metadata.name, object.metadata.uid) : object;
}

async function removeAll(call: Call, request: Request): Promise<unknown> {
  if (!call.kind.served.verbs.includes('deletecollection')) throw methodNotAllowed();
  const options = deleteOptions(optionsBody(await readBody(request)), call.query);
  const list = listObjects(call);
  for (const { metadata } of list.items) {
    const one = { ...call, name: metadata.name, namespace: metadata.namespace };
    const stored = storedObject(one);
    if (stored !== undefined) deleteObject(one, stored, options);
  }
  return presentList(call, list, 'object');
}

function optionsBody(text: string): JsonMap | undefined {
  return text.trim() === '' ? undefined : (JSON.parse(text) as JsonMap);
}
