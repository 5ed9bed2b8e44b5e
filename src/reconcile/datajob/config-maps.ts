/**
 * The ConfigMaps that hold sources: watched by their metadata alone, so that no content of others
 * is held in memory, and read by name when the content is needed.
 */

import type { KubeClient } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/object.ts';
import type { Store } from '../../kube/store.ts';
import type { ConfigMapContent } from '../../source/files.ts';
import type { ConfigMaps } from './source.ts';

const configMapType: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** The same, of which a list and a watch bring the metadata only. */
export const configMapMetadata: ResourceType = { ...configMapType, metadataOnly: true };

type ConfigMap = KubeObject & ConfigMapContent;

export function createConfigMaps(kube: KubeClient, known: Store<KubeObject>): ConfigMaps {
  return {
    revisionOf(namespace, name) {
      const object = known.get(keyOf({ namespace, name }));
      return object === undefined ? undefined : revisionOf(object);
    },
    read: (namespace, name, signal) => readConfigMap(kube, namespace, name, signal),
  };
}

/** undefined = there is none. */
export async function readConfigMap(
  kube: Pick<KubeClient, 'get'>,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly revision: string; readonly content: ConfigMapContent } | undefined> {
  try {
    const configMap = await kube.get<ConfigMap>(configMapType, { namespace, name }, signal);
    return { revision: revisionOf(configMap), content: configMap };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A ConfigMap has no generation: its version is the uid and resourceVersion. */
function revisionOf({ metadata }: KubeObject): string {
  return `${metadata.uid}/${metadata.resourceVersion}`;
}
