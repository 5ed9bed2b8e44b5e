/** The preview says exactly what the next pass then does, in the same order. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { readClusterId } from '../../src/reconcile/cluster-id.ts';
import { readConfigMap } from '../../src/reconcile/datajob/config-maps.ts';
import type { ActionKind } from '../../src/reconcile/datajob/model.ts';
import { previewDataJob } from '../../src/reconcile/datajob/preview.ts';
import { aManifest } from '../support/manifests.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { createWorld, serviceUrl, type World } from '../support/world.ts';

const operationOf: { readonly [K in ActionKind]: string } = {
  createJob: 'dataJobCreate',
  uploadSource: 'sourcesUpload',
  updateJob: 'dataJobUpdate',
  deploy: 'deploymentUpdate',
  patchDeployment: 'deploymentPatch',
  undeploy: 'deploymentDelete',
  releaseJob: 'dataJobUpdate',
  deleteJob: 'dataJobDelete',
};

const jobPath = '/data-jobs/for-team/sales/jobs/ingest-orders';
const manifest = aManifest({}, 'ingest-orders');

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

/** The write operations of the next pass, from the service's own record. */
async function performed(): Promise<readonly (string | undefined)[]> {
  world.service.record.clear();
  const operator = world.start();
  await world.clock.advance(1_500); // one pass, and no deployment is done by then
  operator.kill();
  return world.service.record.filter(({ method }) => method !== 'GET').map((r) => r.operation);
}

async function preview() {
  const service = createControlServiceClient({
    baseUrl: serviceUrl,
    transport: handlerTransport(world.service.handler),
    clock: world.clock,
    random: createSeededRandom(5),
    log: silentLog,
  });
  const deps = {
    service,
    clock: world.clock,
    clusterId: await readClusterId(world.kube),
    readConfigMap: (namespace: string, name: string, signal: AbortSignal) =>
      readConfigMap(world.kube, namespace, name, signal),
  };
  const dataJob = await world.dataJob('ingest-orders');
  return await previewDataJob(deps, dataJob, new AbortController().signal);
}

async function converge(): Promise<void> {
  await world.apply(manifest);
  const operator = world.start();
  await world.clock.advance(60_000);
  operator.kill();
}

const cases: readonly {
  readonly name: string;
  readonly prepare: () => Promise<unknown>;
  readonly want: readonly ActionKind[];
}[] = [
  {
    name: 'a new object',
    prepare: () => world.apply(manifest),
    want: ['createJob', 'uploadSource', 'deploy'],
  },
  { name: 'an object that is in sync', prepare: converge, want: [] },
  {
    name: 'another schedule',
    prepare: async () => {
      await converge();
      await world.apply(aManifest({ deployment: { enabled: true, schedule: '5 5 * * *' } }));
    },
    want: ['updateJob', 'patchDeployment'],
  },
  {
    name: 'other files and other settings',
    prepare: async () => {
      await converge();
      await world.apply(
        aManifest({
          description: 'another one',
          source: { inline: { files: { '20_new.sql': 'SELECT 1' } } },
        }),
      );
    },
    want: ['uploadSource', 'updateJob', 'deploy'],
  },
  {
    name: 'a deployment removed by hand',
    prepare: async () => {
      await converge();
      await world.curl('DELETE', `${jobPath}/deployments/production`);
    },
    want: ['deploy'],
  },
  {
    name: 'a suspended object that differs',
    prepare: async () => {
      await converge();
      await world.apply(
        aManifest({ suspend: true, deployment: { enabled: false, schedule: '0 6 * * *' } }),
      );
    },
    want: [],
  },
];

test.each(cases)('$name', async ({ prepare, want }) => {
  await prepare();
  const { actions } = await preview();
  expect(actions.map(({ kind }) => kind)).toEqual(want);
  for (const { changes } of actions) expect(changes.length).toBeGreaterThan(0);
  expect(await performed()).toEqual(want.map((kind) => operationOf[kind]));
});

test('what stands in the way of a pass stands in the way of its preview', async () => {
  await world.curl('POST', '/data-jobs/for-team/sales/jobs', { job_name: 'ingest-orders' });
  await world.apply(manifest);
  await expect(preview()).rejects.toThrow(/no DataJob manages/);
  expect(await performed()).toEqual([]);
});
