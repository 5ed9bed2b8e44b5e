/** The request of a server-side apply: reads the configuration, checks it, and writes the result. */
import { load } from 'js-yaml';
import { badRequest, conflict, internal } from './api-error.ts';
import { objectRootSchema } from './apply/field-type.ts';
import { serverSideApply } from './apply/server-side-apply.ts';
import { typedProblem } from './apply/typed-configuration.ts';
import { type Call, storedObject } from './call.ts';
import { type ApiObject, asMap } from './json.ts';
import { apiVersionOf } from './kind.ts';
import type { WriteOptions } from './options.ts';
import { isObject } from './schema/json-value.ts';
import { createObject, updateObject, type Written } from './write.ts';

export function applyConfiguration(call: Call, text: string, options: WriteOptions): Written {
  const { kind } = call;
  const configuration = readConfiguration(call, text);
  const stored = storedObject(call);
  const current = stored === undefined ? undefined : kind.present(stored);
  if (current === undefined) requireNoUid(call, configuration);
  const applied = kind.withDefaults(serverSideApply(call, current, configuration, options));
  if (stored === undefined) {
    return { object: createObject(call, applied, options, 'apply'), created: true };
  }
  const object = updateObject(call, stored, { next: applied, source: 'apply' }, options);
  return { object, created: false };
}

function readConfiguration(call: Call, text: string): ApiObject {
  const { kind, name } = call;
  const { served } = kind;
  const value = parsed(text);
  const [apiVersion, named] = [String(value.apiVersion ?? ''), String(value.kind ?? '')];
  if (apiVersion !== apiVersionOf(served) || named !== served.kind) {
    const shown = apiVersion === '' ? '/' : apiVersion;
    throw badRequest(`invalid object type: ${shown}, Kind=${named}`);
  }
  const metadata = asMap(value.metadata);
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const problem = typedProblem(objectRootSchema(served.schema ?? {}), value);
  if (problem !== undefined) {
    const group = served.group === '' ? `/${served.version}` : apiVersion;
    const where = `${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${group}, Kind=${named}`;
    throw internal(`failed to create typed patch object (${where}): ${problem}`);
  }
  const home = served.namespaced ? { namespace: call.namespace } : {};
  return { ...value, metadata: { ...home, ...metadata, name } } as unknown as ApiObject;
}

function parsed(text: string) {
  let value: unknown;
  try {
    value = load(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw badRequest(`error decoding patch: error converting YAML to JSON: yaml: ${why}`);
  }
  if (!isObject(value)) throw badRequest('error decoding patch: it is not an object');
  return value;
}

function requireNoUid({ kind, name }: Call, { metadata }: ApiObject): void {
  const { uid } = metadata;
  if (uid === undefined || uid === '') return;
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  throw conflict(kind.served, name, why);
}
