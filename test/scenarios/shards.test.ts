/**
 * Two operators over one cluster and one service, each with a selector of its own. What is asked
 * in every case is what the servers saw: who wrote, how often, and what is there in the end.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { externalJobFinalizer } from '../../src/api/annotations.ts';
import { conditionOf } from '../../src/api/conditions.ts';
import { dataJobType } from '../../src/api/data-job.ts';
import { isNotFound } from '../../src/kube/errors.ts';
import type { HttpRequest } from '../../src/platform/http.ts';
import { aManifest } from '../support/manifests.ts';
import { createWorld, type World } from '../support/world.ts';

const minute = 60_000;
const key = 'versatiledatakit.io/shard';
const name = { namespace: 'default', name: 'ingest-orders' };
const newFiles = { source: { inline: { files: { '20_new.sql': 'SELECT 1' } } } };
const otherSchedule = { deployment: { enabled: true, schedule: '5 5 * * *' } };

type Shard = 'a' | 'b';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const start = (shard: Shard) =>
  world.start(undefined, { labelSelector: `${key}=${shard}`, userAgent: shard });
const startBoth = () => [start('a'), start('b')];

async function create(shard: Shard, spec?: Record<string, unknown>, as = name.name): Promise<void> {
  const manifest = aManifest(spec, as);
  const metadata = { ...manifest.metadata, labels: { [key]: shard } };
  await world.kube.create(dataJobType, { ...manifest, metadata });
}
const patch = (body: object, of = name) =>
  world.kube.patch(dataJobType, of, { kind: 'merge', body });
const move = (shard: Shard, more: object = {}) =>
  patch({ metadata: { labels: { [key]: shard } }, ...more });

async function readyIs(status: string, reason?: string, of = name.name): Promise<boolean> {
  const { metadata, status: told } = await world.dataJob(of);
  const ready = conditionOf(told?.conditions, 'Ready');
  const isOfThis = ready?.observedGeneration === metadata.generation;
  return isOfThis && ready?.status === status && (reason ?? ready?.reason) === ready?.reason;
}
const isReady = () => readyIs('True');
const until = (holds: () => Promise<boolean>) => world.until(holds, 20 * minute);

const writes = () => world.service.record.filter(({ method }) => method !== 'GET');
const operations = () => writes().map(({ userAgent, operation }) => `${userAgent} ${operation}`);
const succeeded = (wanted: string) =>
  writes().filter(({ operation, status }) => operation === wanted && status < 300).length;
/** Whoever writes after another has begun would show as one turn more. */
const turns = () => {
  const all = writes().map(({ userAgent }) => userAgent);
  return all.filter((each, index) => each !== all[index - 1]);
};
const objectWrites = (...shards: readonly string[]) =>
  world.kubeApi.record
    .entries()
    .filter(({ userAgent = '' }) => shards.includes(userAgent))
    .filter(({ resource, verb }) => resource === 'datajobs' && verb === 'patch')
    .filter(({ status }) => status === 200);

async function readyInShardA(): Promise<void> {
  await create('a');
  expect(await until(isReady)).toBe(true);
  await world.clock.advance(3 * minute);
  world.service.record.clear();
}

const by = (shard: Shard, { headers }: HttpRequest) => headers?.['user-agent'] === shard;

test('each looks after its own objects, and nobody after those of no shard', async () => {
  startBoth();
  await create('a', {}, 'job-of-a');
  await create('b', {}, 'job-of-b');
  await world.apply(aManifest({}, 'job-of-nobody'));
  const both = async () =>
    (await readyIs('True', undefined, 'job-of-a')) &&
    (await readyIs('True', undefined, 'job-of-b'));
  expect(await until(both)).toBe(true);
  const written = writes().map(({ userAgent, path, body }) =>
    [userAgent, /job-of-\w/.exec(path + JSON.stringify(body))?.[0]].join(' '),
  );
  expect([...new Set(written)].sort()).toEqual(['a job-of-a', 'b job-of-b']);
  const { metadata, status } = await world.dataJob('job-of-nobody');
  expect([metadata.finalizers, status?.conditions]).toEqual([undefined, undefined]);
});

test('an object that is moved is taken over as it is: no write on either side', async () => {
  startBoth();
  await readyInShardA();
  const before = await world.dataJob('ingest-orders');
  const written = objectWrites('a', 'b').length;
  await move('b');
  await world.clock.advance(30 * minute);
  expect(operations()).toEqual([]);
  expect(objectWrites('a', 'b').length).toBe(written);
  const after = await world.dataJob('ingest-orders');
  expect(after.status).toEqual(before.status);
  expect(after.metadata.finalizers).toEqual([externalJobFinalizer]);
});

test('from then on changes, drift and deletion are those of its new shard', async () => {
  startBoth();
  await readyInShardA();
  await move('b');
  await world.apply(aManifest(newFiles));
  expect(await until(isReady)).toBe(true);
  await world.curl('PATCH', '/data-jobs/for-team/sales/jobs/ingest-orders/deployments/production', {
    enabled: false,
  });
  await world.clock.advance(5 * minute);
  await world.kube.remove(dataJobType, name);
  await world.clock.advance(5 * minute);
  await expect(world.dataJob('ingest-orders')).rejects.toSatisfy(isNotFound);
  expect(operations().filter((each) => !each.startsWith('b '))).toEqual([
    expect.stringContaining('deploymentPatch'), // by hand
  ]);
  expect(operations()).toContain('b dataJobDelete');
});

test('other labels and annotations cause no write in its shard', async () => {
  startBoth();
  await readyInShardA();
  const written = objectWrites('a', 'b').length;
  await patch({ metadata: { labels: { more: 'x' }, annotations: { note: 'y' } } });
  await world.clock.advance(30 * minute);
  expect(operations()).toEqual([]);
  expect(objectWrites('a', 'b').length).toBe(written);
});

test('an object that is moved while its deployment is awaited is awaited by its new shard', async () => {
  startBoth();
  await create('a');
  expect(await until(async () => succeeded('deploymentUpdate') === 1)).toBe(true);
  await move('b');
  expect(await until(isReady)).toBe(true);
  await world.clock.advance(30 * minute);
  expect(turns()).toEqual(['a']);
});

/** Every request of the pass is tried: the object is moved right before it is carried out. */
describe.each([
  { what: 'a create', spec: undefined, prepare: async () => {} },
  { what: 'a change', spec: { ...newFiles, ...otherSchedule }, prepare: readyInShardA },
])('$what, moved in the middle of its pass', ({ spec, prepare }) => {
  test.each([...Array(10).keys()])('before request %s', async (request) => {
    startBoth();
    await prepare();
    await world.clock.settle();
    let seen = 0;
    const moving = async (each: HttpRequest) => {
      if (!by('a', each) || /[?&]watch=/.test(each.url)) return undefined;
      seen += 1;
      if (seen === request + 1) await move('b');
      return undefined;
    };
    world.faults.kube = moving;
    world.faults.service = moving;
    if (spec === undefined) await create('a');
    else await world.apply(aManifest(spec));
    expect(await until(isReady)).toBe(true);
    expect(seen, 'the moment came').toBeGreaterThan(request);
    await world.clock.advance(15 * minute);
    expect(await isReady()).toBe(true);
    expect(succeeded('dataJobCreate')).toBe(spec === undefined ? 1 : 0);
    expect(succeeded('dataJobDelete')).toBe(0);
    // What was on its way when the object left arrives; nothing is sent after that.
    expect(['a', 'b', 'a b']).toContain(turns().join(' '));
    expect(succeeded('deploymentUpdate')).toBeLessThanOrEqual(2);
  });
});

test('a pass that ends late in the old shard takes back nothing that the new one has said', async () => {
  startBoth();
  const begun = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  world.faults.service = async (request) => {
    if (!by('a', request) || !/deployments$/.test(new URL(request.url).pathname)) return undefined;
    if (request.method !== 'POST') return undefined;
    begun.resolve();
    await late.promise;
    return 'refused';
  };
  await create('a');
  await world.clock.advance(2_000);
  await begun.promise;
  await move('b');
  expect(await until(isReady)).toBe(true);
  await world.clock.advance(5_000);
  const { status } = await world.dataJob('ingest-orders');
  late.resolve();
  await world.clock.advance(1_000);
  expect((await world.dataJob('ingest-orders')).status).toEqual(status);
  await world.clock.advance(15 * minute);
  expect((await world.dataJob('ingest-orders')).status).toEqual(status);
});

describe('a shard whose watch is behind', () => {
  /** From now on it hears nothing of objects, and believes that what it knows is so. */
  const deafen = (shard: Shard) => {
    world.faults.kube = (request) =>
      by(shard, request) && /[?&]watch=/.test(request.url) ? 'refused' : undefined;
    world.cutWatches();
  };
  const looks = () =>
    world.kubeApi.record
      .entries()
      .filter(
        ({ userAgent, resource, verb }) =>
          resource === 'datajobs' && `${userAgent} ${verb}` === 'a get',
      ).length;

  test.each([
    { name: 'files', spec: newFiles, why: 'nothing is written to the object before the call' },
    { name: 'schedule', spec: otherSchedule, why: 'a note in the object comes first' },
  ])('does not bring back $name that the new one has changed: $why', async ({ spec }) => {
    startBoth();
    await readyInShardA();
    deafen('a');
    const told = objectWrites('a').length;
    await move('b', { spec });
    expect(await until(isReady)).toBe(true);
    await world.clock.advance(30 * minute);
    expect(turns()).toEqual(['b']);
    expect(objectWrites('a').length, 'nor does it speak for it').toBe(told);
    expect((await world.events()).filter(({ type }) => type === 'Warning')).toEqual([]);
    expect(looks(), 'it wanted to').toBeGreaterThan(0);
    expect(await isReady()).toBe(true);
  });

  test('does not delete the job of an object that was made anew in the new one', async () => {
    startBoth();
    await readyInShardA();
    await world.apply(aManifest({ deletionPolicy: 'Delete' }));
    world.faults.service = (request) =>
      by('a', request) && request.method === 'DELETE' ? 'refused' : undefined;
    await world.kube.remove(dataJobType, name);
    await world.clock.advance(1_000); // it has begun
    deafen('a');
    await move('b');
    const isGone = async () => await world.dataJob('ingest-orders').then(() => false, isNotFound);
    expect(await until(isGone)).toBe(true);
    world.faults.service = undefined;
    await create('b');
    expect(await until(isReady)).toBe(true);
    await world.clock.advance(30 * minute);
    expect(operations().filter((each) => each.startsWith('a '))).toEqual([]);
    expect(await isReady()).toBe(true);
  });
});

describe('two objects in different shards that name one job', () => {
  const jobName = 'orders';
  const older = { namespace: 'default', name: 'older' };
  const isFirst = () => readyIs('True', undefined, 'older');
  const isRefused = (of: string) => readyIs('False', 'ManagementConflict', of);

  test('have one owner: the other one says who it is and writes nothing', async () => {
    startBoth();
    await create('a', { jobName }, 'older');
    expect(await until(isFirst)).toBe(true);
    await create('b', { jobName, ...otherSchedule }, 'younger');
    expect(await until(() => isRefused('younger'))).toBe(true);
    const ready = conditionOf((await world.dataJob('younger')).status?.conditions, 'Ready');
    expect(ready?.message).toContain('managed by DataJob default/older in this cluster');
    await world.clock.advance(30 * minute);
    expect(turns()).toEqual(['a']);
    expect([await isFirst(), await isRefused('younger')]).toEqual([true, true]);
  });

  test.each(['a', 'b'] as const)(
    'that begin at one moment have one owner: %s is slower',
    async (slow) => {
      startBoth();
      // Both have read that there is no such job before either creates it.
      const bothRead = Promise.withResolvers<void>();
      let creates = 0;
      world.faults.service = async (request) => {
        if (request.method !== 'POST' || request.url.includes('/sources')) return undefined;
        creates += 1;
        if (creates === 2) bothRead.resolve();
        await bothRead.promise;
        if (by(slow, request))
          await world.until(async () => succeeded('dataJobCreate') === 1, minute);
        return undefined;
      };
      await Promise.all([create('a', { jobName }, 'older'), create('b', { jobName }, 'younger')]);
      const [owner, other] = slow === 'a' ? ['younger', 'older'] : ['older', 'younger'];
      expect(await until(() => readyIs('True', undefined, owner))).toBe(true);
      expect(await until(() => isRefused(other))).toBe(true);
      await world.clock.advance(30 * minute);
      const took = writes().filter(({ status }) => status < 300);
      expect([...new Set(took.map(({ userAgent }) => userAgent))]).toEqual([
        slow === 'a' ? 'b' : 'a',
      ]);
    },
  );

  test('the other one is not deleted with the owner, and takes the name when it is free', async () => {
    startBoth();
    await create('a', { jobName }, 'older');
    expect(await until(isFirst)).toBe(true);
    await create('b', { jobName }, 'younger');
    expect(await until(() => isRefused('younger'))).toBe(true);
    await world.kube.remove(dataJobType, older);
    expect(await until(() => readyIs('True', undefined, 'younger'))).toBe(true);
    expect(operations().filter((each) => /Create|jobDelete/i.test(each))).toEqual([
      'a dataJobCreate',
      'a dataJobDelete',
      'b dataJobCreate',
    ]);
  });

  test('the other one deleted takes nothing along', async () => {
    startBoth();
    await create('a', { jobName }, 'older');
    expect(await until(isFirst)).toBe(true);
    await create('b', { jobName }, 'younger');
    expect(await until(() => isRefused('younger'))).toBe(true);
    await world.kube.remove(dataJobType, { namespace: 'default', name: 'younger' });
    await world.clock.advance(30 * minute);
    expect(turns()).toEqual(['a']);
    expect(await isFirst()).toBe(true);
  });

  test('moved into one shard they are still one owner and one that is refused', async () => {
    startBoth();
    await create('a', { jobName }, 'older');
    await create('b', { jobName }, 'younger');
    await world.clock.advance(15 * minute);
    const owner = (await isFirst()) ? 'older' : 'younger';
    world.service.record.clear();
    await patch({ metadata: { labels: { [key]: 'b' } } }, older);
    await world.clock.advance(30 * minute);
    expect(operations()).toEqual([]);
    expect(await readyIs('True', undefined, owner)).toBe(true);
  });
});
