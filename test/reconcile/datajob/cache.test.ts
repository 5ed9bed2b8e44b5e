import { expect, test } from 'vitest';
import { externalJobFinalizer } from '../../../src/api/annotations.ts';
import type { DataJob } from '../../../src/api/data-job.ts';
import { createDataJobCache, isHere } from '../../../src/reconcile/datajob/cache.ts';
import { aDataJob, withMetadata, withSpec } from '../../support/data-jobs.ts';

const key = 'sales/ingest-orders';
const at = (resourceVersion: string) => aDataJob(withMetadata({ resourceVersion }));

test('an own write is in force at once, and an older event of the watch does not undo it', () => {
  const cache = createDataJobCache();
  cache.seen(key, at('9'));
  cache.wrote(at('11'));
  cache.seen(key, at('10'));
  expect(cache.get(key)?.metadata.resourceVersion).toBe('11');
  cache.seen(key, at('12'));
  expect(cache.get(key)?.metadata.resourceVersion).toBe('12');
});

test('an own write whose answer comes after a later change by others does not undo that', () => {
  const cache = createDataJobCache();
  cache.seen(key, at('9'));
  cache.seen(key, at('11'));
  cache.wrote(at('10'));
  expect(cache.get(key)?.metadata.resourceVersion).toBe('11');
});

test('an object that was deleted and made anew replaces the old one, whatever its version', () => {
  const cache = createDataJobCache();
  cache.seen(key, at('50'));
  cache.seen(key, aDataJob(withMetadata({ uid: 'uid-2', resourceVersion: '3' })));
  expect(cache.get(key)?.metadata.uid).toBe('uid-2');
  cache.wrote(at('60'));
  expect(cache.get(key)?.metadata.uid, 'a late answer for the old object').toBe('uid-2');
});

test('a write to an object that is gone does not bring it back', () => {
  const cache = createDataJobCache();
  cache.seen(key, at('1'));
  cache.seen(key, undefined);
  cache.wrote(at('2'));
  expect(cache.get(key)).toBeUndefined();
  expect(cache.keysOf('ingest-orders')).toEqual([]);
});

test('of two objects with one job the older holds it, and at one age the smaller uid', () => {
  const cache = createDataJobCache();
  const named = (name: string, uid: string, creationTimestamp: string) =>
    aDataJob(
      withMetadata({ name, uid, creationTimestamp }),
      withSpec({ jobName: 'ingest-orders' }),
    );
  const old = named('old', 'uid-9', '2026-01-01T00:00:00Z');
  const young = named('young', 'uid-2', '2026-01-02T00:00:00Z');
  const twin = named('twin', 'uid-3', '2026-01-02T00:00:00Z');
  for (const each of [old, young, twin]) cache.seen(`sales/${each.metadata.name}`, each);
  expect(cache.olderHolderOf(old)).toBeUndefined();
  expect(cache.olderHolderOf(young)?.metadata.name).toBe('old');
  cache.seen('sales/old', undefined);
  expect(cache.olderHolderOf(young)).toBeUndefined();
  expect(cache.olderHolderOf(twin)?.metadata.name).toBe('young');
});

test('an object that is deleted and without our finalizer holds no name, whoever keeps it', () => {
  const cache = createDataJobCache();
  const [old, young] = ['old', 'young'].map((name, day) =>
    aDataJob(
      withSpec({ jobName: 'shared' }),
      withMetadata({ name, uid: name, creationTimestamp: `2026-01-0${day + 1}T00:00:00Z` }),
    ),
  ) as [DataJob, DataJob];
  const deleted = (...finalizers: readonly string[]) =>
    withMetadata({ deletionTimestamp: '2026-01-03T00:00:00Z', finalizers })(old);
  cache.seen('sales/young', young);
  cache.seen('sales/old', deleted(externalJobFinalizer, 'example.com/other'));
  expect(cache.olderHolderOf(young)?.metadata.name).toBe('old');
  cache.seen('sales/old', deleted('example.com/other'));
  expect(cache.olderHolderOf(young)).toBeUndefined();
});

test('whether an object is there is known only of what is watched', () => {
  const cache = createDataJobCache();
  cache.seen(key, aDataJob());
  const here = { namespace: 'sales', name: 'ingest-orders' };
  const gone = { namespace: 'sales', name: 'gone' };
  expect(isHere(cache, {}, here)).toBe(true);
  expect(isHere(cache, {}, gone)).toBe(false);
  expect(isHere(cache, { namespaces: ['sales'] }, gone)).toBe(false);
  expect(isHere(cache, { namespaces: ['finance'] }, gone)).toBeUndefined();
  expect(isHere(cache, { labelSelector: 'shard=a' }, gone)).toBeUndefined();
  cache.seen(key, aDataJob(withMetadata({ deletionTimestamp: '2026-01-03T00:00:00Z' })));
  expect(isHere(cache, {}, here), 'others keep it').toBe(false);
});

test('news is what is newer than all that is known: no echo of an own write, however late', () => {
  const cache = createDataJobCache();
  expect(cache.isNews(at('9'))).toBe(true);
  cache.seen(key, at('9'));
  cache.wrote(at('10'));
  cache.wrote(at('11'));
  expect([at('10'), at('11'), at('12')].map(cache.isNews)).toEqual([false, false, true]);
  expect(cache.isNews(aDataJob(withMetadata({ uid: 'uid-2', resourceVersion: '3' })))).toBe(true);
});

test('the echo of an own write may come before its answer; what others wrote meanwhile is news', () => {
  const cache = createDataJobCache();
  cache.seen(key, at('9'));
  const end = cache.writing(key);
  expect(cache.isNews(at('10'))).toBe(false);
  expect(end(at('10')), 'nothing but the echo').toBe(false);
  cache.wrote(at('10'));
  const endOfSecond = cache.writing(key);
  expect([at('11'), at('12')].map(cache.isNews)).toEqual([false, false]);
  expect(endOfSecond(at('11')), 'and a change after it').toBe(true);
  const endOfFailed = cache.writing(key);
  expect(cache.isNews(at('13'))).toBe(false);
  expect(endOfFailed(undefined), 'a conflict').toBe(true);
});

test('who has its source in a ConfigMap is known by the namespace and name of that', () => {
  const cache = createDataJobCache();
  const source = { configMapRef: { name: 'sources' } };
  cache.seen(key, aDataJob(withSpec({ source })));
  expect(cache.usersOfConfigMap('sales', 'sources')).toEqual([key]);
  expect(cache.usersOfConfigMap('finance', 'sources')).toEqual([]);
  cache.seen(key, undefined);
  expect(cache.usersOfConfigMap('sales', 'sources')).toEqual([]);
});
