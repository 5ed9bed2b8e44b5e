/** Another client library, unmodified, over TLS: what people write their own tools with. */
import { CoreV1Api, CustomObjectsApi, KubeConfig, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedApi, serveEmbedded } from '../../conformance/kube-api/kubectl-embedded.ts';
import { aDataJob } from './api-client.ts';

const jobs = {
  group: 'versatiledatakit.io',
  version: 'v1alpha1',
  namespace: 'default',
  plural: 'datajobs',
};

let served: ServedApi;
let config: KubeConfig;
beforeAll(async () => {
  served = await serveEmbedded();
  config = new KubeConfig();
  config.loadFromFile(served.kubeconfigFile);
});
afterAll(() => served.close());

test('objects of our kind are made, read, patched and deleted', async () => {
  const api = config.makeApiClient(CustomObjectsApi);
  const body = aDataJob('ingest-library');
  const made = await api.createNamespacedCustomObject({ ...jobs, body });
  expect(made.spec.managementPolicy).toBe('Manage');
  const patch = [{ op: 'replace', path: '/spec/description', value: 'patched' }];
  await api.patchNamespacedCustomObject({ ...jobs, name: 'ingest-library', body: patch });
  const read = await api.getNamespacedCustomObject({ ...jobs, name: 'ingest-library' });
  expect(read.spec.description).toBe('patched');
  await api.deleteNamespacedCustomObject({ ...jobs, name: 'ingest-library' });
  const list = await api.listNamespacedCustomObject(jobs);
  expect(list.items).toEqual([]);
});

test("the library's own watch sees what happens, and can be left", async () => {
  const api = config.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  let wake = () => {};
  const both = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const watch = await new Watch(config).watch(
    '/api/v1/namespaces/default/configmaps',
    {},
    (type, object) => {
      seen.push(`${type} ${object.metadata.name}`);
      if (seen.length === 2) wake();
    },
    () => {},
  );
  await api.createNamespacedConfigMap({
    namespace: 'default',
    body: { metadata: { name: 'watched' } },
  });
  await api.deleteNamespacedConfigMap({ namespace: 'default', name: 'watched' });
  await both;
  watch.abort();
  expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
});

test('a refusal arrives as one, with its code and its words', async () => {
  const api = config.makeApiClient(CustomObjectsApi);
  const body = aDataJob('ingest-library', { team: 3 });
  await expect(api.createNamespacedCustomObject({ ...jobs, body })).rejects.toMatchObject({
    code: 422,
    body: expect.stringContaining('spec.team in body must be of type string'),
  });
});
