/** Bad moments in one data job's life: what holds when things happen at the wrong time. */
import { afterEach, expect, test } from 'vitest';
import { conditionOf } from '../../src/api/conditions.ts';
import { aManifest, type Manifest } from '../support/manifests.ts';
import { createWorld, type Instance, type World, type WorldOptions } from '../support/world.ts';

const pollIntervalMs = 60_000;
const minute = 60_000;
const jobPath = '/data-jobs/for-team/sales/jobs/ingest-orders';
const newFiles = { source: { inline: { files: { '20_new.sql': 'SELECT 1' } } } };

let world: World;
const open = async (options: WorldOptions = {}) => {
  world = await createWorld({ pollIntervalMs, ...options });
};
afterEach(() => world.close());

const apply = (manifest: Manifest) => world.apply(manifest);
const status = async (of = 'ingest-orders') => (await world.dataJob(of)).status;
/** Is it said, of the generation that the object has now? */
const conditionIs = async (
  type: Parameters<typeof conditionOf>[1],
  wanted: string,
  of = 'ingest-orders',
) => {
  const { metadata, status: said } = await world.dataJob(of);
  const found = conditionOf(said?.conditions, type);
  return found?.observedGeneration === metadata.generation && found?.status === wanted;
};
const isReady = (of?: string) => conditionIs('Ready', 'True', of);
const writes = () =>
  world.service.record.filter(({ method }) => method !== 'GET').map(({ operation }) => operation);

async function readyJob(spec?: Record<string, unknown>): Promise<Instance> {
  const operator = world.start();
  await apply(aManifest(spec));
  expect(await world.until(isReady, 3 * minute)).toBe(true);
  await world.clock.advance(2 * pollIntervalMs); // whatever was left to do is done
  world.service.record.clear();
  return operator;
}

/** The service answers, but cannot reach its own Kubernetes: GraphQL then shows no deployments. */
function breakableKubernetes() {
  const kubernetes = { isDown: false };
  const behaviour = {
    isDown: (system: string) => kubernetes.isDown && system === 'KUBERNETES',
  };
  return { kubernetes, behaviour };
}

test('deployments that a service without its Kubernetes does not show are not taken for gone', async () => {
  const { kubernetes, behaviour } = breakableKubernetes();
  await open({ behaviour });
  await readyJob();
  const before = await status();
  kubernetes.isDown = true;
  await world.clock.advance(5 * minute);
  expect(await isReady()).toBe(true);
  expect(await conditionIs('Synced', 'True')).toBe(true);
  expect((await status())?.deployment).toEqual(before?.deployment);
  kubernetes.isDown = false;
  await world.clock.advance(15 * minute);
  expect(world.service.record.writes()).toBe(0);
  expect((await status())?.deployment).toEqual(before?.deployment);
});

test('a service without its Kubernetes in the middle of a deployment gets no second call for it', async () => {
  const { kubernetes, behaviour } = breakableKubernetes();
  await open({ behaviour, deployTimeMs: minute });
  await readyJob();
  await apply(aManifest(newFiles));
  await world.clock.advance(10_000);
  kubernetes.isDown = true;
  await world.clock.advance(20_000);
  kubernetes.isDown = false;
  expect(await world.until(isReady, 5 * minute)).toBe(true);
  await world.clock.advance(5 * minute);
  expect(writes()).toEqual(['sourcesUpload', 'deploymentUpdate']);
});

/** The first request of this method is refused. */
function refuseOnce(method: string) {
  const refused = { requests: 0 };
  world.faults.service = (request) => {
    if (request.method !== method || refused.requests > 0) return undefined;
    refused.requests += 1;
    return 'refused';
  };
  return refused;
}

/** As a person with the service's own tools: everything as it is but the schedule. */
async function scheduleByHand(cron: string): Promise<void> {
  const job = (await (await world.curl('GET', jobPath)).json()) as { config: object };
  const config = { ...job.config, schedule: { schedule_cron: cron } };
  await world.curl('PUT', jobPath, { ...job, config });
}
const deployByHand = () =>
  world.curl('PATCH', `${jobPath}/deployments/production`, { enabled: true });

test('a job that was healed is deployed again, also when that call fails at first', async () => {
  await open();
  await readyJob();
  await scheduleByHand('1 1 1 1 1');
  await deployByHand(); // from now on its runs are at that time
  const refused = refuseOnce('PATCH');
  world.service.record.clear();
  await world.clock.advance(10 * minute);
  expect(refused.requests).toBe(1);
  expect(await isReady()).toBe(true);
  expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
});

test('what others deployed while the operator only observed is undone once it manages again', async () => {
  await open();
  await readyJob();
  await apply(aManifest({ managementPolicy: 'Observe' }));
  await world.clock.advance(5_000);
  await scheduleByHand('1 1 1 1 1');
  await deployByHand(); // from now on its runs are at that time
  await world.clock.advance(2 * pollIntervalMs);
  await scheduleByHand('0 6 * * *'); // looks right now, but is not in force
  await world.clock.advance(2 * pollIntervalMs);
  world.service.record.clear();
  await apply(aManifest());
  expect(await world.until(isReady, 3 * minute)).toBe(true);
  expect(writes()).toEqual(['deploymentPatch']);
});

test.each(['K8S', 'DB'] as const)(
  'a PUT of the job is followed by a deployment call, also over a crash (mode %s)',
  async (persistence) => {
    await open({ persistence });
    const operator = await readyJob();
    world.faults.service = (request) => {
      if (request.method === 'PATCH') operator.kill();
      return operator.isDead ? 'refused' : undefined;
    };
    await apply(aManifest({ description: 'Other words' }));
    await world.clock.advance(5_000);
    expect(writes()).toEqual(['dataJobUpdate']);
    world.faults.service = undefined;
    world.start();
    expect(await world.until(isReady, 3 * minute)).toBe(true);
    expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
  },
);
