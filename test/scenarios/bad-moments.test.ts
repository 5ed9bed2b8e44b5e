/** Bad moments in one data job's life: what holds when things happen at the wrong time. */
import { afterEach, expect, test } from 'vitest';
import { conditionOf } from '../../src/api/conditions.ts';
import { aManifest, type Manifest } from '../support/manifests.ts';
import { createWorld, type Instance, type World, type WorldOptions } from '../support/world.ts';

const pollIntervalMs = 60_000;
const minute = 60_000;
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
