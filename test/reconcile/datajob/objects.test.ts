import { describe, expect, test } from 'vitest';
import { createIntentAnnotation, externalJobFinalizer } from '../../../src/api/annotations.ts';
import type { DataJob, DataJobStatus } from '../../../src/api/data-job.ts';
import type { KubeClient, Patch } from '../../../src/kube/client.ts';
import { KubeError } from '../../../src/kube/errors.ts';
import { dispositionOf } from '../../../src/platform/errors.ts';
import { createDataJobObjects, type ShardOptions } from '../../../src/reconcile/datajob/objects.ts';
import { aDataJob, withMetadata, withStatus } from '../../support/data-jobs.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const { signal } = new AbortController();
const refusal = (status: number) => new KubeError('conflict', 'Conflict', 'no', { status });

/** An API server that holds one object and refuses as many patches as it is told. */
function aServer(
  held: DataJob | undefined,
  refusals: readonly KubeError[] = [],
  shard?: ShardOptions,
) {
  const patches: Patch[] = [];
  const written: DataJob[] = [];
  const left = [...refusals];
  const kube = {
    async patch(_type: unknown, _name: unknown, patch: Patch) {
      patches.push(patch);
      const refused = left.shift();
      if (refused !== undefined) throw refused;
      return { ...held, metadata: { ...held?.metadata, resourceVersion: 'new' } };
    },
    async get() {
      if (held === undefined) throw refusal(404);
      return held;
    },
  } as unknown as KubeClient;
  const onWritten = (job: DataJob) => written.push(job);
  return { patches, written, objects: createDataJobObjects(kube, onWritten, shard) };
}

const status = (observedGeneration: number): DataJobStatus => ({ observedGeneration });

test('a claim brings finalizer and intent in one write, bound to the object it was decided on', async () => {
  const { patches, objects } = aServer(aDataJob());
  await objects.claim(aDataJob(), Date.UTC(2026, 0, 1), signal);
  expect(patches).toHaveLength(1);
  const { metadata } = patches[0]!.body as { metadata: DataJob['metadata'] };
  expect(metadata).toMatchObject({
    uid: 'uid-1',
    resourceVersion: '1',
    finalizers: [externalJobFinalizer],
  });
  expect(JSON.parse(metadata.annotations?.[createIntentAnnotation] ?? '')).toEqual({
    job: 'ingest-orders',
    team: 'sales',
    read: 'absent',
    at: '2026-01-01T00:00:00.000Z',
    generation: aDataJob().metadata.generation,
  });
});

test('a claim keeps finalizers of others, and is not made twice', async () => {
  const others = withMetadata({ finalizers: ['example.com/other'] })(aDataJob());
  const { patches, objects } = aServer(others);
  await objects.claim(others, undefined, signal);
  expect(patches[0]?.body).toMatchObject({
    metadata: { finalizers: ['example.com/other', externalJobFinalizer] },
  });
  const claimed = withMetadata({ finalizers: [externalJobFinalizer] })(aDataJob());
  await objects.claim(claimed, undefined, signal);
  expect(patches).toHaveLength(1);
});

test('a doubt takes back what the deployment is known to hold, bound to the object, and only once', async () => {
  const known = withStatus({ observedGeneration: 3, deployment: { configDigest: 'abc' } })(
    aDataJob(),
  );
  const { patches, objects } = aServer(known);
  await objects.doubt(known, signal);
  expect(patches[0]).toMatchObject({
    subresource: 'status',
    body: {
      metadata: { uid: 'uid-1', resourceVersion: '1' },
      status: { deployment: { configDigest: null } },
    },
  });
  await objects.doubt(withStatus(status(3))(aDataJob()), signal);
  expect(patches).toHaveLength(1);
});

test('a status that says the same is not written', async () => {
  const same = withStatus(status(3))(aDataJob());
  const { patches, objects } = aServer(same);
  expect(await objects.writeStatus(same, () => status(3), signal)).toBe(same);
  expect(patches).toEqual([]);
});

test('a status is written over a foreign change, onto what is there now', async () => {
  const fresh = withMetadata({ resourceVersion: '9', generation: 2 })(aDataJob());
  const { patches, written, objects } = aServer(fresh, [refusal(409)]);
  await objects.writeStatus(aDataJob(), () => status(1), signal);
  expect(patches.map(({ body }) => body)).toMatchObject([
    { metadata: { resourceVersion: '1' }, status: { observedGeneration: 1 } },
    { metadata: { resourceVersion: '9' }, status: { observedGeneration: 1 } },
  ]);
  expect(written).toHaveLength(1);
});

test('a status is not written onto another object that took the name', async () => {
  const other = withMetadata({ uid: 'uid-2' })(aDataJob());
  const { patches, objects } = aServer(other, [refusal(409)]);
  expect(await objects.writeStatus(aDataJob(), () => status(1), signal)).toBeUndefined();
  expect(patches).toHaveLength(1);
});

test('a status is not written over what another has told of a newer manifest', async () => {
  const seen = withStatus(status(2))(withMetadata({ generation: 2 })(aDataJob()));
  const { patches, objects } = aServer(seen, [refusal(409)]);
  expect(await objects.writeStatus(aDataJob(), () => status(1), signal)).toBeUndefined();
  expect(patches).toHaveLength(1);
});

test('an object that is gone needs no status', async () => {
  const { objects } = aServer(undefined, [refusal(404)]);
  expect(await objects.writeStatus(aDataJob(), () => status(1), signal)).toBeUndefined();
});

test('somebody who is faster every time is left to the next pass', async () => {
  const { patches, objects } = aServer(aDataJob(), [409, 409, 409, 409].map(refusal));
  await expect(objects.writeStatus(aDataJob(), () => status(1), signal)).rejects.toThrow('no');
  expect(patches).toHaveLength(3);
});

test('a release takes off our finalizer alone', async () => {
  const both = withMetadata({ finalizers: ['example.com/other', externalJobFinalizer] })(
    aDataJob(),
  );
  const { patches, objects } = aServer(both);
  await objects.release(both, signal);
  expect(patches[0]?.body).toMatchObject({ metadata: { finalizers: ['example.com/other'] } });
});

describe('before a call, an object is confirmed to be still', () => {
  const inShard = withMetadata({ labels: { shard: 'a' } });
  const shard = () => ({ labelSelector: 'shard=a', clock: createManualClock() });
  const confirm = (held: DataJob | undefined, isFirst = true) =>
    aServer(held, [], shard()).objects.confirm(aDataJob(inShard), isFirst, signal);

  test('of this shard', async () => {
    await confirm(aDataJob(inShard));
  });

  test('of this shard, and at first as the pass knows it', async () => {
    const labels = { shard: 'a', more: 'x' };
    const changed = aDataJob(withMetadata({ labels, resourceVersion: '9' }));
    await expect(confirm(changed)).rejects.toMatchObject({ disposition: 'conflict' });
    await confirm(changed, false);
  });

  test.each([
    { name: 'one that was moved', held: aDataJob(withMetadata({ labels: { shard: 'b' } })) },
    { name: 'one without labels', held: aDataJob() },
    { name: 'one that is gone', held: undefined },
    {
      name: 'another one of its name',
      held: aDataJob(withMetadata({ uid: 'uid-2', labels: { shard: 'a' } })),
    },
  ])('there: $name is not, and the pass ends without a word', async ({ held }) => {
    await expect(confirm(held)).rejects.toMatchObject({
      disposition: 'cancelled',
      message: expect.stringContaining("DataJob sales/ingest-orders is gone or another shard's"),
    });
  });

  test('of this shard by an answer that is not old when it comes', async () => {
    const silent = {
      get: (_type: unknown, _name: unknown, both: AbortSignal) =>
        new Promise((_, reject) => both.addEventListener('abort', () => reject(both.reason))),
    } as unknown as KubeClient;
    const { clock, labelSelector } = shard();
    const objects = createDataJobObjects(silent, () => {}, { clock, labelSelector });
    const confirmed = objects.confirm(aDataJob(inShard), true, signal).catch((error) => error);
    await clock.advance(4_000);
    expect(dispositionOf(await confirmed)).toBe('transient');
  });

  test('of this operator, which without shards costs no request', async () => {
    const silent = { get: () => expect.unreachable() } as unknown as KubeClient;
    await createDataJobObjects(silent, () => {}).confirm(aDataJob(), true, signal);
  });
});
