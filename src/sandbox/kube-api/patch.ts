/** The verb patch: four kinds of patch, told apart by their content type. */
import { ApiError, badRequest, notFound, unsupportedMediaType } from './api-error.ts';

import { type Call, storedObject } from './call.ts';
import { judgeFields } from './field-validation.ts';
import type { ApiObject } from './json.ts';
import { apiVersionOf } from './kind.ts';
import type { WriteOptions } from './options.ts';
import { JsonPatchError, jsonPatch } from './patch-json.ts';
import { mergePatch } from './patch-merge.ts';
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
  judgeFields(call, decoded.unknownFields, [], options.fieldValidation);
  return updateObject(call, stored, { next: decoded.object, tracked: false }, options);
}

function patchedObject(call: Call, current: ApiObject, mediaType: string, text: string): ApiObject {
  switch (mediaType) {
    case patchTypes.merge:
      return sameKind(call, mergePatch(current, patchDocument(text)) as ApiObject);
    case patchTypes.json:
      return sameKind(call, jsonPatched(current, text) as ApiObject);
    default:
      throw unsupportedMediaType(acceptedPatchTypes(call));
  }
}

function patchDocument(text: string): unknown {
  const value = parsedPatch(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const found = Array.isArray(value) ? 'array' : typeof value;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
  );
}

function parsedPatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : error}`);
  }
}

function jsonPatched(current: ApiObject, text: string): unknown {
  const patch = parsedPatch(text);
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
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

function sameKind(call: Call, patched: ApiObject): ApiObject {
  const { served } = call.kind;
  const { apiVersion, kind } = patched as Partial<ApiObject>;
  const same = kind === served.kind || kind === undefined;
  if (!same) {
    throw badRequest(
      `the kind in the data (${kind}) does not match the expected kind (${served.kind})`,
    );
  }
  return { ...patched, apiVersion: apiVersion ?? apiVersionOf(served), kind: served.kind };
}
