import { describe, expect, test } from 'vitest';
import { createKubeClient, type WatchEvent } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import {
  aList,
  aStream,
  atVersion,
  aWidget,
  baseUrl,
  bookmark,
  json,
  refusal,
  scriptedApi,
  type Widget,
  widgets,
} from './scripted-api.ts';

const configMaps = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

describe('requests', () => {
  test('one object is read by its path, in a named group and in the core group', async () => {
    const api = scriptedApi(json(aWidget('one')), json(aWidget('one')));
    expect(await api.client.get(widgets, { namespace: 'a', name: 'one' })).toEqual(aWidget('one'));
    await api.client.get(configMaps, { namespace: 'a b', name: 'x/y' });
    expect(api.asked.map((one) => one.target)).toEqual([
      '/apis/example.com/v1/namespaces/a/widgets/one',
      '/api/v1/namespaces/a%20b/configmaps/x%2Fy',
    ]);
    expect(api.asked[0]?.headers.get('user-agent')).toBe('test/1');
  });

  test('a page of a list comes with its version and the way to the next page', async () => {
    const { apiVersion: _, kind: __, ...bare } = aWidget('one');
    const api = scriptedApi(json(aList(7, [bare as Widget], 'more')), json(aList(7, [])));
    const options = { labelSelector: 'x=y', limit: 2, resourceVersion: '0' };
    expect(await api.client.list(widgets, options)).toEqual({
      items: [aWidget('one')],
      resourceVersion: '7',
      continueToken: 'more',
    });
    const next = await api.client.list(widgets, { namespace: 'a', continueToken: 'more' });
    expect(next).toEqual({ items: [], resourceVersion: '7' });
    expect(api.asked.map((one) => one.target)).toEqual([
      '/apis/example.com/v1/widgets?labelSelector=x%3Dy&limit=2&resourceVersion=0',
      '/apis/example.com/v1/namespaces/a/widgets?continue=more',
    ]);
  });

  test('a type of which only the metadata matters is asked for as such', async () => {
    const type = { ...configMaps, metadataOnly: true };
    const item = {
      apiVersion: 'meta.k8s.io/v1',
      kind: 'PartialObjectMetadata',
      metadata: { name: 'one', namespace: 'a', resourceVersion: '1' },
    };
    const api = scriptedApi(json(aList(7, [item])), aStream().answer, json(aWidget('one')));
    expect((await api.client.list(type, {})).items).toEqual([item]);
    await api.client.watch(type, {}, new AbortController().signal);
    await api.client.get(type, { namespace: 'a', name: 'one' });
    expect(api.asked.map((one) => one.headers.get('accept'))).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      'application/json',
    ]);
  });

  test('an object is created in its own namespace', async () => {
    const api = scriptedApi(json(aWidget('one'), 201));
    await api.client.create(widgets, aWidget('one'));
    const [asked] = api.asked;
    expect(asked?.method).toBe('POST');
    expect(asked?.target).toBe('/apis/example.com/v1/namespaces/a/widgets');
    expect(JSON.parse(asked?.body ?? '')).toEqual(aWidget('one'));
  });

  test('patches name their kind, their subresource and their field manager', async () => {
    const api = scriptedApi(json(aWidget('one')), json(aWidget('one')));
    const name = { namespace: 'a', name: 'one' };
    await api.client.patch(widgets, name, { kind: 'merge', body: { a: 1 }, subresource: 'status' });
    const apply = { kind: 'apply', body: { a: 1 }, fieldManager: 'me', force: true } as const;
    await api.client.patch(widgets, name, apply);
    expect(api.asked.map((one) => [one.target, one.headers.get('content-type'), one.body])).toEqual(
      [
        [
          '/apis/example.com/v1/namespaces/a/widgets/one/status',
          'application/merge-patch+json',
          '{"a":1}',
        ],
        [
          '/apis/example.com/v1/namespaces/a/widgets/one?fieldManager=me&force=true',
          'application/apply-patch+yaml',
          '{"a":1}',
        ],
      ],
    );
  });

  test('a removal can insist on the very object it means', async () => {
    const api = scriptedApi(json({ kind: 'Status', status: 'Success' }));
    await api.client.remove(widgets, { namespace: 'a', name: 'one' }, { uid: 'u' });
    expect(api.asked[0]?.method).toBe('DELETE');
    expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({ preconditions: { uid: 'u' } });
  });
});

describe('credentials', () => {
  function withTokens(api: ReturnType<typeof scriptedApi>) {
    const asks: boolean[] = [];
    const client = createKubeClient({
      baseUrl,
      transport: api.transport,
      clock: api.clock,
      log: silentLog,
      userAgent: 'test/1',
      headers: async ({ fresh }) => {
        asks.push(fresh);
        return { authorization: fresh ? 'Bearer new' : 'Bearer old' };
      },
    });
    return { client, asks };
  }
  const name = { namespace: 'a', name: 'one' };

  test('after 401 the request is sent once more, with a fresh token', async () => {
    const api = scriptedApi(refusal(401, 'Unauthorized', 'Unauthorized'), json(aWidget('one')));
    const { client } = withTokens(api);
    expect(await client.get(widgets, name)).toEqual(aWidget('one'));
    expect(api.asked.map((one) => one.headers.get('authorization'))).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  test('a second 401 is the answer', async () => {
    const no = refusal(401, 'Unauthorized', 'Unauthorized');
    const api = scriptedApi(no, no);
    const error = await withTokens(api)
      .client.get(widgets, name)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 401, reason: 'Unauthorized', disposition: 'transient' });
    expect(api.asked).toHaveLength(2);
  });

  test('without credentials to renew, one 401 is enough', async () => {
    const api = scriptedApi(refusal(401, 'Unauthorized', 'Unauthorized'));
    await expect(api.client.get(widgets, name)).rejects.toThrow(/Check the token or certificate/);
  });

  test('credentials that cannot be had are told from a server that does not answer', async () => {
    const api = scriptedApi();
    const client = createKubeClient({
      baseUrl,
      transport: api.transport,
      clock: api.clock,
      log: silentLog,
      userAgent: 'test/1',
      headers: async () => {
        throw new Error('spawn helper ENOENT');
      },
    });
    const error = await client.get(widgets, name).catch((e: unknown) => e);
    expect(error).toMatchObject({ reason: 'NoCredentials' });
    expect((error as Error).message).toContain('spawn helper ENOENT');
  });
});

describe('waiting', () => {
  const never = () => new Promise<Response>(() => {});

  test('a server that stays silent is given up at the deadline', async () => {
    const api = scriptedApi(never);
    const result = api.client
      .get(widgets, { namespace: 'a', name: 'one' })
      .catch((e: unknown) => e);
    await api.clock.advance(29_999);
    expect(api.clock.asleepForMs()).toEqual([1]);
    await api.clock.advance(1);
    expect(await result).toMatchObject({ reason: 'Timeout', disposition: 'transient' });
    expect(api.clock.asleepForMs()).toEqual([]);
  });

  test('an answer that stops in the middle is given up at the deadline', async () => {
    const stream = aStream();
    const api = scriptedApi(stream.answer);
    const result = api.client.list(widgets, {}).catch((e: unknown) => e);
    stream.raw('{"kind":"WidgetList","items":[');
    await api.clock.advance(30_000);
    expect(await result).toMatchObject({ reason: 'Timeout' });
  });

  test('the signal ends a request at once, with its own reason', async () => {
    const api = scriptedApi(never);
    const stop = new AbortController();
    const result = api.client
      .get(widgets, { namespace: 'a', name: 'one' }, stop.signal)
      .catch((e: unknown) => e);
    await api.clock.settle();
    const reason = new Error('asked to stop');
    stop.abort(reason);
    expect(await result).toBe(reason);
  });
});

describe('answers that are not Kubernetes', () => {
  const name = { namespace: 'a', name: 'one' };
  const cases = [
    {
      name: 'a login page',
      why: 'a proxy in between answers 200 with HTML',
      answer: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      want: { reason: 'NotKubernetes', message: /web page.*login page/ },
    },
    {
      name: 'an error page',
      why: 'load balancers have pages of their own for 502',
      answer: () => new Response('\n<h1>Bad gateway</h1>', { status: 502 }),
      want: { reason: 'NotKubernetes', message: /web page \(502\)/ },
    },
    {
      name: 'half an object',
      why: 'a cut connection can look like an end',
      answer: () => new Response('{"kind":"Widg'),
      want: { reason: 'UnreadableAnswer', message: /not a whole JSON object/ },
    },
    {
      name: 'JSON of somebody else',
      why: 'an address of another service must not be taken for an empty list',
      answer: () => Response.json({ items: [] }),
      want: { reason: 'UnreadableAnswer', message: /Check that the address/ },
    },
    {
      name: 'a redirect',
      why: 'redirects are never followed: they would carry the token elsewhere',
      answer: () =>
        new Response('', { status: 302, headers: { location: 'https://evil.example' } }),
      want: { reason: 'RequestRefused', message: /Redirects are not followed/ },
    },
  ];
  test.each(cases)('$name is one readable, transient error', async ({ answer, want, why }) => {
    const api = scriptedApi(answer);
    const error = (await api.client.get(widgets, name).catch((e: unknown) => e)) as KubeError;
    expect(error, why).toBeInstanceOf(KubeError);
    expect(error.reason).toBe(want.reason);
    expect(error.message).toMatch(want.message);
    expect(error.disposition).toBe('transient');
  });
});

describe('watch', () => {
  async function watching(stream = aStream(), stop = new AbortController()) {
    const api = scriptedApi(stream.answer);
    const events = await api.client.watch<Widget>(
      widgets,
      { namespace: 'a', resourceVersion: '5', timeoutSeconds: 300 },
      stop.signal,
    );
    return { api, stream, stop, events: events[Symbol.asyncIterator]() };
  }

  test('events arrive as they are sent, until the server ends', async () => {
    const { api, stream, events } = await watching();
    expect(api.asked[0]?.target).toBe(
      '/apis/example.com/v1/namespaces/a/widgets?resourceVersion=5&timeoutSeconds=300&watch=true&allowWatchBookmarks=true',
    );
    stream.send('ADDED', aWidget('one', atVersion(6)));
    expect(await events.next()).toMatchObject({ value: { type: 'ADDED' } });
    stream.send('BOOKMARK', bookmark(9));
    expect(await events.next()).toMatchObject({
      value: { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
    });
    stream.end();
    expect(await events.next()).toMatchObject({ done: true });
  });

  test('asking for the initial events says how fresh they have to be', async () => {
    const stream = aStream();
    const api = scriptedApi(stream.answer);
    await api.client.watch(widgets, { sendInitialEvents: true }, new AbortController().signal);
    expect(api.asked[0]?.target).toBe(
      '/apis/example.com/v1/widgets?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    );
  });

  test('an error in the stream keeps its status', async () => {
    const { stream, events } = await watching();
    stream.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
    const { value } = await events.next();
    const event = value as Extract<WatchEvent<Widget>, { type: 'ERROR' }>;
    expect(event.error).toMatchObject({ status: 410, reason: 'Expired', disposition: 'transient' });
  });

  test.each([
    { name: 'a broken line', text: '{"type":"ADDED","obj\n' },
    { name: 'half an event at the end', text: '{"type":"ADDED","object":{"metadata"' },
    { name: 'an event of no known type', text: '{"type":"SURPRISE","object":{}}\n' },
    { name: 'an object without metadata', text: '{"type":"ADDED","object":{}}\n' },
    { name: 'an object without a name', text: lineOf({ resourceVersion: '1' }) },
    { name: 'something that is no object', text: '17\n' },
  ])('$name ends the stream with a transient error', async ({ text }) => {
    const { stream, events } = await watching();
    stream.raw(text);
    stream.end();
    await expect(events.next()).rejects.toMatchObject({
      reason: 'UnreadableAnswer',
      disposition: 'transient',
    });
  });

  test('a connection that breaks is a transient error', async () => {
    const { stream, events } = await watching();
    const next = events.next();
    stream.break(Object.assign(new Error('read'), { code: 'ECONNRESET' }));
    await expect(next).rejects.toThrow(/closed the connection/);
  });

  test('the signal ends a silent watch at once', async () => {
    const { stop, events } = await watching();
    const next = events.next();
    stop.abort(new Error('asked to stop'));
    await expect(next).rejects.toThrow('asked to stop');
  });

  test('a watch outlives the deadline of its request', async () => {
    const { api, stream, events } = await watching();
    const next = events.next();
    await api.clock.advance(600_000);
    stream.send('ADDED', aWidget('one'));
    expect(await next).toMatchObject({ value: { type: 'ADDED' } });
  });

  test('a watch that is not accepted in time is given up', async () => {
    const api = scriptedApi(() => new Promise<Response>(() => {}));
    const opened = api.client
      .watch(widgets, {}, new AbortController().signal)
      .catch((e: unknown) => e);
    await api.clock.advance(30_000);
    expect(await opened).toMatchObject({ reason: 'Timeout' });
  });

  test('a refused watch is an error like any other', async () => {
    const api = scriptedApi(refusal(410, 'Expired', 'too old resource version'));
    const opened = api.client.watch(widgets, {}, new AbortController().signal);
    await expect(opened).rejects.toMatchObject({ status: 410 });
  });
});

function lineOf(metadata: object): string {
  return `${JSON.stringify({ type: 'ADDED', object: { metadata } })}\n`;
}
