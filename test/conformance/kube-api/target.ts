/** What the suite runs on: a server, a namespace of its own for every test, and what it can do. */
import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { Answer, ApiClient } from './client.ts';

export interface ConformanceTarget {
  readonly kind: 'embedded' | 'real';
  readonly api: ApiClient;
  /** Forgets all history; undefined where nobody here may do that. */
  readonly compact: (() => Promise<void>) | undefined;
  /** Garbage collection and the deletion of namespaces are at work. */
  readonly controllers: boolean;
}

export type UseTarget = () => ConformanceTarget;

let count = 0;
const made: string[] = [];

/** A namespace of its own: `conformance-…`. */
export async function aNamespace({ api }: ConformanceTarget): Promise<string> {
  count += 1;
  const generateName = `conformance-${count}-`;
  const { status, body } = await api.post('/api/v1/namespaces', { metadata: { generateName } });
  if (status !== 201) throw new Error(`no namespace: ${body.message}`);
  made.push(body.metadata.name);
  return body.metadata.name;
}

/** A cluster that was there before is left as it was. */
export async function removeNamespaces({ api }: ConformanceTarget): Promise<void> {
  for (const name of made.splice(0)) await api.delete(`/api/v1/namespaces/${name}`);
}

export const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const jobApiVersion = 'versatiledatakit.io/v1alpha1';

export function configMapsIn(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

export function jobsIn(namespace: string): string {
  return `/apis/${jobApiVersion}/namespaces/${namespace}/datajobs`;
}

export function aConfigMap(name: string, data: Record<string, string> = { x: '1' }): Answer {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

export function aDataJob(name: string, spec: Record<string, unknown> = {}): Answer {
  return {
    apiVersion: jobApiVersion,
    kind: 'DataJob',
    metadata: { name },
    spec: { team: 'sales', source: { inline: { files: { '10_a.sql': 'select 1' } } }, ...spec },
  };
}

export function aCondition(type: string, more: Record<string, unknown> = {}): Answer {
  return {
    type,
    status: 'True',
    reason: 'Tested',
    message: '',
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    ...more,
  };
}

export function namesOf(list: Answer): readonly string[] {
  return list.items.map((item: Answer) => item.metadata.name);
}

/** How long a controller of a real cluster may take. */
const eventuallyMs = 30_000;
const betweenLooksMs = 100;

/** The first result of `look` that is not undefined; what controllers do takes a moment. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = AbortSignal.timeout(eventuallyMs);
  for (;;) {
    const result = await look();
    if (result !== undefined) return result;
    if (deadline.aborted) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
  }
}

/** Resolves when the object is gone. */
export async function gone({ api }: ConformanceTarget, path: string): Promise<void> {
  await eventually(`${path} is gone`, async () =>
    (await api.get(path)).status === 404 ? true : undefined,
  );
}

/** The definitions under `crds/`, created where they are not there yet, and served. */
export async function installDefinitions(api: ApiClient): Promise<void> {
  const folder = new URL('../../../crds/', import.meta.url);
  for (const file of readdirSync(folder)) {
    await installDefinition(api, load(readFileSync(new URL(file, folder), 'utf8')));
  }
}

export async function installDefinition(api: ApiClient, crd: Answer): Promise<void> {
  const { status, body } = await api.post(crdPath, crd);
  if (status !== 201 && status !== 409) throw new Error(`a CRD was refused: ${body.message}`);
  const { group, versions, names } = crd.spec;
  await eventually(`${names.plural} are served`, async () => {
    const { status: listed } = await api.get(
      `/apis/${group}/${versions[0].name}/${names.plural}?limit=1`,
    );
    return listed === 200 ? true : undefined;
  });
}
