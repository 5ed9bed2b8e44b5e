/** Patches of three kinds, told apart by their content type; the fourth is in patch-apply.ts. */
import { ApiError, badRequest, notFound, unsupportedMediaType } from './api-error.ts';
import { objectRootSchema } from './apply/field-type.ts';
import { requireType } from './body.ts';
import { type Call, storedObject } from './call.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { judgePatchedFields } from './field-validation.ts';
import type { ApiObject, JsonMap } from './json.ts';
import { apiVersionOf } from './kind.ts';
import { refuse, type WriteOptions } from './options.ts';
import { JsonPatchError, jsonPatch } from './patch-json.ts';
import { mergePatch } from './patch-merge.ts';
import { strategicPatch } from './patch-strategic.ts';
import { forbidden, required } from './schema/field-error.ts';
import { canonicalJson, isObject } from './schema/json-value.ts';
import { updateObject } from './write.ts';

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** Custom resources have no patch strategies in their types. */
export function acceptedPatchTypes(call: Call): readonly string[] {
  const { json, merge, strategic, apply } = patchTypes;
  return call.kind.custom ? [json, merge, apply] : [json, merge, strategic, apply];
}

export function checkPatchOptions(
  mediaType: string,
  options: WriteOptions,
  query: URLSearchParams,
): void {
  const apply = mediaType === patchTypes.apply;
  const noManager = (query.get('fieldManager') ?? '') === '';
  refuse('PatchOptions', [
    ...(apply && noManager ? [required('fieldManager', 'is required for apply patch')] : []),
    ...(!apply && options.force
      ? [forbidden('force', 'may not be specified for non-apply patch')]
      : []),
  ]);
}

export function patchObject(
  call: Call,
  mediaType: string,
  text: string,
  options: WriteOptions,
): ApiObject {
  const stored = storedObject(call);
  if (stored === undefined) throw notFound(call.kind.served, call.name);
  const current = call.kind.present(stored);
  const patched = patchedObject(call, current, mediaType, text);
  const decoded = call.kind.decode(patched);
  const strange = {
    unknown: decoded.unknownFields,
    // A JSON patch names fields by path, each operation on its own.
    duplicate: mediaType === patchTypes.json ? [] : duplicateFields(text),
  };
  judgePatchedFields(call, strange, options.fieldValidation, () =>
    mediaType === patchTypes.strategic ? goText(parsedPatch(text)) : canonicalJson(patched),
  );
  return updateObject(call, stored, { next: decoded.object, source: 'patch' }, options);
}

function patchedObject(call: Call, current: ApiObject, mediaType: string, text: string): ApiObject {
  switch (mediaType) {
    case patchTypes.merge:
      return sameKind(call, mergePatch(current, patchDocument(text)) as ApiObject);
    case patchTypes.json:
      return sameKind(call, jsonPatched(current, text) as ApiObject);
    case patchTypes.strategic: {
      const schema = objectRootSchema(call.kind.served.schema ?? {});
      return sameKind(call, strategicPatch(schema, current, patchDocument(text)) as ApiObject);
    }
    default:
      throw unsupportedMediaType(acceptedPatchTypes(call));
  }
}

function patchDocument(text: string): JsonMap {
  const value = parsedPatch(text);
  if (isObject(value)) return value;
  const found = Array.isArray(value) ? 'array' : typeof value;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
  );
}

function parsedPatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('invalid JSON patch');
  }
}

function jsonPatched(current: ApiObject, text: string): unknown {
  const patch = parsedPatch(text);
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  try {
    return jsonPatch(current, patch);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    // The real server says no more than this to any client.
    const message = 'the server rejected our request due to an error in our request';
    throw new ApiError(422, 'Invalid', message, {});
  }
}

function sameKind({ kind }: Call, patched: ApiObject): ApiObject {
  const { served } = kind;
  if (kind.custom) requireType(kind, patched);
  if (patched.kind !== served.kind || patched.apiVersion !== apiVersionOf(served)) {
    const found = `${patched.apiVersion}, Kind=${patched.kind}`;
    throw badRequest(
      `the patch makes it another kind of object (${found}), which ${served.plural} cannot be`,
    );
  }
  return patched;
}

/** A patch as the real server's language prints it, without what it only takes away. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const names = Object.keys(value).filter((name) => value[name] !== null);
  return `map[${names
    .sort()
    .map((name) => `${name}:${goText(value[name])}`)
    .join(' ')}]`;
}
