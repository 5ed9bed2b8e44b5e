/** Lists and watches: pages, versions, selectors, bookmarks, what is forgotten, streamed lists. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  aConfigMap,
  aDataJob,
  aNamespace,
  type ConformanceTarget,
  configMapsIn,
  jobsIn,
  namesOf,
  type UseTarget,
} from '../target.ts';

const own = 'labelSelector=conformance';

export function reads(use: UseTarget): void {
  let target: ConformanceTarget;
  let ns: string;
  let cms: string;
  let jobs: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
    cms = configMapsIn(ns);
    jobs = jobsIn(ns);
  });
  const create = (name: string, labels: Record<string, string> = {}) =>
    target.api.post(cms, {
      ...aConfigMap(name),
      metadata: { name, labels: { conformance: '', ...labels } },
    });

  describe('lists', () => {
    test('are sorted by name, have a version, and their items say what they are or not', async () => {
      for (const name of ['ingest-b', 'ingest-a']) await target.api.post(jobs, aDataJob(name));
      const { body } = await target.api.get(jobs);
      expect(body).toMatchObject({
        kind: 'DataJobList',
        apiVersion: 'versatiledatakit.io/v1alpha1',
      });
      expect(namesOf(body)).toEqual(['ingest-a', 'ingest-b']);
      expect(body.metadata.resourceVersion).toMatch(/^\d+$/);
      expect(body.items[0].kind).toBe('DataJob');
      await create('a');
      const { body: maps } = await target.api.get(`${cms}?${own}`);
      expect(maps.items[0].kind).toBeUndefined();
    });

    test('in pages show one moment, whatever happens in between', async () => {
      for (const name of ['ingest-a', 'ingest-b', 'ingest-c'])
        await target.api.post(jobs, aDataJob(name));
      const { body: page } = await target.api.get(`${jobs}?limit=2`);
      expect(namesOf(page)).toEqual(['ingest-a', 'ingest-b']);
      expect(page.metadata.remainingItemCount).toBe(1);
      await target.api.post(jobs, aDataJob('ingest-bb'));
      await target.api.delete(`${jobs}/ingest-c`);
      const { body: rest } = await target.api.get(
        `${jobs}?limit=2&continue=${page.metadata.continue}`,
      );
      expect(namesOf(rest)).toEqual(['ingest-c']);
      expect(rest.metadata.resourceVersion).toBe(page.metadata.resourceVersion);
      expect(rest.metadata.continue).toBe('');
    });

    test('with a token that is none are refused', async () => {
      const { body } = await target.api.get(`${jobs}?limit=1&continue=nonsense`);
      expect(body).toMatchObject({ code: 400, reason: 'BadRequest' });
    });

    test('at version 0 are any, at a version at least that, and exactly that where asked', async () => {
      const { body: first } = await target.api.post(jobs, aDataJob('ingest-a'));
      await target.api.post(jobs, aDataJob('ingest-b'));
      const { resourceVersion } = first.metadata;
      const at = (query: string) => target.api.get(`${jobs}?${query}`);
      expect((await at('resourceVersion=0')).status).toBe(200);
      const newer = await at(
        `resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`,
      );
      expect(namesOf(newer.body)).toEqual(['ingest-a', 'ingest-b']);
      const exact = await at(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
      expect(namesOf(exact.body)).toEqual(['ingest-a']);
      expect(exact.body.metadata.resourceVersion).toBe(resourceVersion);
    });

    test('at a version that is not there yet are answered with a wish to wait', async () => {
      const { body } = await target.api.get(`${jobs}?resourceVersion=999999999`);
      expect(body).toMatchObject({ code: 504, reason: 'Timeout' });
      expect(body.details.causes[0].reason).toBe('ResourceVersionTooLarge');
    });

    test.each([
      ['tier%3Da', ['one']],
      ['tier%3D%3Da', ['one']],
      ['tier!%3Da', ['three', 'two']],
      ['tier%20in%20(a,b)', ['one', 'two']],
      ['tier%20notin%20(a,b)', ['three']],
      ['tier', ['one', 'two']],
      ['!tier', ['three']],
      ['tier,tier!%3Da', ['two']],
    ])('by the labels %s have %j', async (selector, names) => {
      await create('one', { tier: 'a' });
      await create('two', { tier: 'b' });
      await create('three');
      const { body } = await target.api.get(`${cms}?labelSelector=conformance,${selector}`);
      expect(namesOf(body)).toEqual(names);
    });

    test('by fields know the name, and of a custom resource what its definition names', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      await target.api.post(jobs, aDataJob('ingest-b', { team: 'other' }));
      const by = async (selector: string) =>
        (await target.api.get(`${jobs}?fieldSelector=${selector}`)).body;
      expect(namesOf(await by('metadata.name%3Dingest-b'))).toEqual(['ingest-b']);
      expect(namesOf(await by('spec.team%3Dother'))).toEqual(['ingest-b']);
      expect(namesOf(await by('spec.team!%3Dother'))).toEqual(['ingest-a']);
      expect(await by('spec.description%3Dx')).toMatchObject({
        code: 400,
        message: 'field label not supported: spec.description',
      });
    });

    test.each([
      ['labelSelector=a%3Db%3Dc', "found '=', expected: ',' or 'end of string'"],
      ['labelSelector=a%20in%20b', "unable to parse requirement: found 'b' expected: '('"],
      ['labelSelector=a%3Db/c', 'values[0][a]: Invalid value: "b/c": a valid label must be'],
      ['labelSelector=-a', '<nil>: Invalid value: "-a": name part must consist of'],
      ['limit=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
      [
        'resourceVersionMatch=Exact',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ],
      ['resourceVersion=x', 'strconv.ParseUint: parsing "x": invalid syntax'],
    ])('with %s are refused with words', async (query, words) => {
      const { status, body } = await target.api.get(`${jobs}?${query}`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body.message).toContain(words);
    });

    test('of all namespaces have the namespace of each item', async () => {
      await create('a');
      const { body } = await target.api.get(
        `/api/v1/configmaps?${own}&fieldSelector=metadata.namespace%3D${ns}`,
      );
      expect(
        body.items.map((item: { metadata: { namespace: string } }) => item.metadata.namespace),
      ).toEqual([ns]);
    });
  });

  describe('watches', () => {
    test('go on where a list ended and see every change once', async () => {
      await target.api.post(jobs, aDataJob('ingest-before'));
      const { body: list } = await target.api.get(jobs);
      await target.api.post(jobs, aDataJob('ingest-a'));
      const from = list.metadata.resourceVersion;
      const watch = await target.api.watch(`${jobs}?watch=1&resourceVersion=${from}`);
      await target.api.patch(`${jobs}/ingest-a`, { spec: { description: 'x' } });
      await target.api.delete(`${jobs}/ingest-a`);
      const events = await watch.take(3);
      watch.stop();
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
        'ADDED ingest-a',
        'MODIFIED ingest-a',
        'DELETED ingest-a',
      ]);
    });

    test('without a version begin with what is there', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const watch = await target.api.watch(`${jobs}?watch=1`);
      const [event] = await watch.take(1);
      watch.stop();
      expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'ingest-a' } } });
    });

    test('with a selector tell of an object that leaves it as deleted, and as added when it is back', async () => {
      await create('a', { on: 'yes' });
      const watch = await target.api.watch(`${cms}?watch=1&labelSelector=on%3Dyes`);
      await watch.take(1);
      await target.api.patch(`${cms}/a`, { metadata: { labels: { on: 'no' } } });
      await target.api.patch(`${cms}/a`, { data: { unseen: 'x' } });
      await target.api.patch(`${cms}/a`, { metadata: { labels: { on: 'yes' } } });
      const events = await watch.take(2);
      watch.stop();
      expect(events.map(({ type }) => type)).toEqual(['DELETED', 'ADDED']);
      expect(events[0]?.object.metadata.labels.on).toBe('yes');
    });

    test('by a field see only what has it', async () => {
      const watch = await target.api.watch(
        `${jobs}?watch=1&fieldSelector=metadata.name%3Dingest-b`,
      );
      for (const name of ['ingest-a', 'ingest-b']) await target.api.post(jobs, aDataJob(name));
      const [event] = await watch.take(1);
      watch.stop();
      expect(event?.object.metadata.name).toBe('ingest-b');
    });

    test('from a forgotten version are told so in one event, and end', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const watch = await target.api.watch(`${jobs}?watch=1&resourceVersion=1`);
      const events = await watch.rest();
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        type: 'ERROR',
        object: { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired' },
      });
      expect(events[0]?.object.message).toMatch(/^too old resource version: 1 \(\d+\)$/);
    });

    test('end after the time that the client gave, with a bookmark before', async () => {
      const { body: list } = await target.api.get(jobs);
      const from = list.metadata.resourceVersion;
      const watch = await target.api.watch(
        `${jobs}?watch=1&allowWatchBookmarks=true&timeoutSeconds=4&resourceVersion=${from}`,
      );
      await target.api.post(jobs, aDataJob('ingest-a'));
      const [added, ...bookmarks] = await watch.rest();
      expect(added?.type).toBe('ADDED');
      expect(bookmarks.length).toBeGreaterThan(0);
      for (const { type, object } of bookmarks) {
        expect(type).toBe('BOOKMARK');
        expect(object).toMatchObject({
          kind: 'DataJob',
          apiVersion: 'versatiledatakit.io/v1alpha1',
        });
        expect(Number(object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
          Number(added?.object.metadata.resourceVersion),
        );
      }
    });

    test('that begin with a streamed list end it with a bookmark that says so', async () => {
      for (const name of ['ingest-a', 'ingest-b']) await target.api.post(jobs, aDataJob(name));
      const watch = await target.api.watch(
        `${jobs}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      );
      const events = await watch.take(3);
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
      expect(events[2]?.object.metadata.annotations).toEqual({
        'k8s.io/initial-events-end': 'true',
      });
      await target.api.delete(`${jobs}/ingest-a`);
      const [next] = await watch.take(1);
      watch.stop();
      expect(next?.type).toBe('DELETED');
      expect(Number(next?.object.metadata.resourceVersion)).toBeGreaterThan(
        Number(events[2]?.object.metadata.resourceVersion),
      );
    });

    test('refuse a streamed list without its rule for versions', async () => {
      const { body } = await target.api.get(`${jobs}?watch=1&sendInitialEvents=true`);
      expect(body.message).toContain(
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      );
    });

    test('of metadata only have no more than that', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
      const { body } = await target.api.get(jobs, { accept });
      expect(body).toMatchObject({
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
      });
      expect(body.items[0].metadata.name).toBe('ingest-a');
      expect(body.items[0].spec).toBeUndefined();
    });
  });

  describe('after history was forgotten', () => {
    test('the next page is refused with 410, and a token to go on with what is there now', async ({
      skip,
    }) => {
      skip(target.compact === undefined, 'nobody here may compact this server');
      for (const name of ['ingest-a', 'ingest-b', 'ingest-c'])
        await target.api.post(jobs, aDataJob(name));
      const { body: page } = await target.api.get(`${jobs}?limit=1`);
      await target.api.delete(`${jobs}/ingest-b`);
      await target.compact?.();
      const { body: late } = await target.api.get(
        `${jobs}?limit=1&continue=${page.metadata.continue}`,
      );
      expect(late).toMatchObject({ code: 410, reason: 'Expired' });
      const { body: rest } = await target.api.get(
        `${jobs}?limit=5&continue=${late.metadata.continue}`,
      );
      expect(namesOf(rest)).toEqual(['ingest-c']);
    });

    test('a list of exactly an old version is refused with 410', async ({ skip }) => {
      skip(target.compact === undefined, 'nobody here may compact this server');
      const { body: first } = await target.api.post(jobs, aDataJob('ingest-a'));
      await target.api.post(jobs, aDataJob('ingest-b'));
      await target.compact?.();
      const { resourceVersion } = first.metadata;
      const { body } = await target.api.get(
        `${jobs}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`,
      );
      expect(body).toMatchObject({ code: 410, reason: 'Expired' });
    });
  });
}
