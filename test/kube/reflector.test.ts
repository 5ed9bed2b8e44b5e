import { describe, expect, test } from 'vitest';
import { createKubeClient } from '../../src/kube/client.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore } from '../../src/kube/store.ts';
import { silentLog } from '../../src/platform/log.ts';
import { evenRandom } from './even-random.ts';
import {
  type Answer,
  aList,
  aStream,
  atVersion,
  aWidget,
  bookmark,
  json,
  refusal,
  type Stream,
  scriptedApi,
  type Widget,
  widgets,
  withMeta,
} from './scripted-api.ts';

/** How a server without WatchList answers the wish for it. */
const noStreaming = refusal(422, 'Invalid', 'sendInitialEvents is forbidden for watch');
const gone = refusal(410, 'Expired', 'too old resource version');
const missing = refusal(404, 'NotFound', 'the server could not find the requested resource');

interface Options {
  readonly namespace?: string;
  readonly labelSelector?: string;
}

async function reflecting(script: Answer[], options: Options = {}) {
  const api = scriptedApi(...script);
  const lines: string[] = [];
  const log = {
    ...silentLog,
    warn: (message: string) => void lines.push(`warn: ${message}`),
    info: (message: string) => void lines.push(`info: ${message}`),
  };
  const store = createStore<Widget>(log);
  const changes: string[] = [];
  store.subscribe({
    added: ({ metadata }, initial) =>
      changes.push(`${initial ? 'initial' : 'added'} ${metadata.name}`),
    updated: ({ metadata }) => changes.push(`updated ${metadata.name}`),
    deleted: ({ metadata }) => changes.push(`deleted ${metadata.name}`),
  });
  const reflector = createReflector<Widget>({
    client: api.client,
    type: widgets,
    store,
    clock: api.clock,
    random: evenRandom,
    log,
    ...options,
  });
  const stop = new AbortController();
  const run = reflector.run(stop.signal);
  await api.clock.settle();
  const names = () => [...store.values()].map((widget) => widget.metadata.name);
  return { ...api, store, changes, lines, reflector, stop, run, names };
}

/** A reflector that has listed `items` at version 10 and now follows a stream. */
async function following(items: readonly Widget[] = [aWidget('one')]) {
  const stream = aStream();
  const all = await reflecting([noStreaming, json(aList(10, items)), stream.answer]);
  expect(all.reflector.synced).toBe(true);
  all.changes.length = 0;
  return { ...all, stream };
}

function existing(stream: Stream, version: number, ...items: Widget[]): void {
  for (const item of items) stream.send('ADDED', item);
  stream.send('BOOKMARK', bookmark(version, true));
}

describe('the first look, streamed', () => {
  test('what exists comes in the watch itself, and counts once it is complete', async () => {
    const stream = aStream();
    const { asked, clock, reflector, changes, names } = await reflecting([stream.answer]);
    expect(asked[0]?.target).toBe(
      '/apis/example.com/v1/widgets?timeoutSeconds=450&watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    );
    stream.send('ADDED', aWidget('one'));
    stream.send('ADDED', aWidget('two'));
    stream.send('BOOKMARK', bookmark(3));
    stream.send('MODIFIED', aWidget('two', atVersion(2)));
    stream.send('ADDED', aWidget('short-lived'));
    stream.send('DELETED', aWidget('short-lived'));
    await clock.settle();
    expect([reflector.synced, names()], 'nothing is held back').toEqual([false, ['one', 'two']]);
    stream.send('BOOKMARK', bookmark(10, true));
    await clock.settle();
    expect(reflector.synced).toBe(true);
    expect(changes.splice(0)).toEqual([
      'initial one',
      'initial two',
      'updated two',
      'initial short-lived',
      'deleted short-lived',
    ]);
    stream.send('ADDED', aWidget('three', atVersion(11)));
    stream.send('MODIFIED', aWidget('one', atVersion(12)));
    stream.send('DELETED', aWidget('two', atVersion(13)));
    await clock.settle();
    expect(changes).toEqual(['added three', 'updated one', 'deleted two']);
    await clock.advance(140_000);
    expect(asked, 'silence is nothing to hurry about from now on').toHaveLength(1);
  });

  test('whoever waits for it is told, or stops waiting', async () => {
    const stream = aStream();
    const { clock, reflector } = await reflecting([stream.answer]);
    const told: string[] = [];
    const impatient = new AbortController();
    void reflector.whenSynced(new AbortController().signal).then(() => told.push('synced'));
    void reflector.whenSynced(impatient.signal).catch((e: Error) => told.push(e.message));
    impatient.abort(new Error('asked to stop'));
    await clock.settle();
    expect(told).toEqual(['asked to stop']);
    existing(stream, 10);
    await clock.settle();
    expect(told).toEqual(['asked to stop', 'synced']);
  });

  test('half of it is never taken for all: a break starts it over', async () => {
    const [first, second] = [aStream(), aStream()];
    const { asked, clock, changes } = await reflecting([first.answer, second.answer]);
    first.send('ADDED', aWidget('one'));
    await clock.settle();
    first.break(Object.assign(new Error('x'), { code: 'ECONNRESET' }));
    await clock.advance(1_000);
    expect(asked[1]?.query.get('sendInitialEvents')).toBe('true');
    existing(second, 10, aWidget('two'));
    await clock.settle();
    expect(changes).toEqual(['initial one', 'initial two', 'deleted one']);
  });
});

describe('the first look, listed', () => {
  test.each([
    { name: 'refuses it', answers: () => [noStreaming], waitMs: 0, why: 'the feature is off' },
    {
      name: 'ends it early',
      answers: () => {
        const stream = aStream();
        stream.send('ADDED', aWidget('one'));
        stream.end();
        return [stream.answer];
      },
      waitMs: 0,
      why: 'it does not know the parameter and sends an ordinary watch that ends',
    },
    {
      name: 'never says when it is complete',
      answers: () => [aStream().answer],
      waitMs: 10_000,
      why: 'it does not know the parameter and sends an ordinary watch that stays',
    },
  ])('a server that $name is listed instead, now and later', async ({ answers, waitMs, why }) => {
    const page = json(aList(10, [aWidget('one')]));
    const script = [...answers(), page, gone, page, aStream().answer];
    const { asked, clock, reflector } = await reflecting(script);
    await clock.advance(waitMs);
    expect(reflector.synced, why).toBe(true);
    expect(asked.slice(1).map((one) => one.target)).toEqual([
      '/apis/example.com/v1/widgets?limit=500',
      '/apis/example.com/v1/widgets?timeoutSeconds=450&resourceVersion=10&watch=true&allowWatchBookmarks=true',
    ]);
    await clock.advance(1_000);
    expect(asked[3]?.query.has('watch')).toBe(false);
  });

  test('all pages make one list, which starts where its first page was read', async () => {
    const stream = aStream();
    const { asked, changes } = await reflecting([
      noStreaming,
      json(aList(10, [aWidget('one')], 'page-2')),
      json(aList(11, [aWidget('two')], 'page-3')),
      json(aList(12, [aWidget('three')])),
      stream.answer,
    ]);
    expect(changes).toEqual(['initial one', 'initial two', 'initial three']);
    expect(asked.slice(1).map((one) => one.target.split('?')[1])).toEqual([
      'limit=500',
      'limit=500&continue=page-2',
      'limit=500&continue=page-3',
      'timeoutSeconds=450&resourceVersion=10&watch=true&allowWatchBookmarks=true',
    ]);
  });

  test('a page that has expired starts the list over, and nothing is taken for deleted', async () => {
    const { stream, add, clock, changes, asked, names } = await following([
      aWidget('one'),
      aWidget('two'),
    ]);
    add(
      json(aList(20, [aWidget('one')], 'page-2')),
      gone,
      json(aList(30, [aWidget('one'), aWidget('two'), aWidget('three')])),
      aStream().answer,
    );
    stream.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await clock.advance(1_000);
    expect(changes, 'one page is not the list').toEqual([]);
    await clock.advance(2_000);
    expect(changes).toEqual(['added three']);
    expect(names()).toEqual(['one', 'two', 'three']);
    expect(asked.at(-2)?.target, 'of now, not of some cache').toBe(
      '/apis/example.com/v1/widgets?limit=500',
    );
  });

  test('a page too large to hold is asked for in smaller pieces', async () => {
    const api = scriptedApi();
    const limits: string[] = [];
    const store = createStore<Widget>(silentLog);
    const client = createKubeClient({
      baseUrl: 'https://api.example.com',
      clock: api.clock,
      log: silentLog,
      userAgent: 'test/1',
      async transport({ url }) {
        const query = new URL(url).searchParams;
        if (query.has('sendInitialEvents')) return answerOf(422, '{"kind":"Status"}');
        if (query.has('watch')) return { status: 200, headers: new Map(), body: silence() };
        limits.push(query.get('limit') ?? '');
        if (query.get('limit') !== '8') return { status: 200, headers: new Map(), body: flood() };
        return answerOf(200, JSON.stringify(aList(10, [aWidget('one')])));
      },
    });
    const { clock } = api;
    const options = { client, type: widgets, store, clock, random: evenRandom, log: silentLog };
    const stop = new AbortController();
    void createReflector<Widget>(options).run(stop.signal);
    await clock.settle();
    expect(limits).toEqual(['500', '63', '8']);
    expect(store.size).toBe(1);
    stop.abort();
  });

  test('a list whose pages do not end is an error, not a full memory', async () => {
    const endless = json(aList(10, [], 'more'));
    const script = [noStreaming, ...Array.from({ length: 2_000 }, () => endless)];
    const { clock, lines, asked, reflector } = await reflecting(script);
    while (asked.length < 2_001) await clock.settle();
    await clock.settle();
    expect(lines).toEqual(['warn: The list of widgets does not end.']);
    expect(reflector.synced).toBe(false);
  });
});

describe('while following', () => {
  test('records are trimmed of what nobody reads', async () => {
    const fat = withMeta({
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'stays' },
      managedFields: [{ manager: 'kubectl' }],
    } as object);
    const { store, stream, clock } = await following([aWidget('one', fat)]);
    stream.send('ADDED', aWidget('two', fat, atVersion(11)));
    await clock.settle();
    for (const widget of store.values()) {
      expect(widget.metadata).not.toHaveProperty('managedFields');
      expect(widget.metadata.annotations).toEqual({ mine: 'stays' });
    }
  });

  test('namespace and labels limit every request', async () => {
    const options = { namespace: 'a', labelSelector: 'x=y' };
    const script = [noStreaming, json(aList(10, [])), aStream().answer];
    const { asked } = await reflecting(script, options);
    for (const { target } of asked) {
      expect(target).toMatch(
        /^\/apis\/example.com\/v1\/namespaces\/a\/widgets\?labelSelector=x%3Dy&/,
      );
    }
  });

  test('an event twice is one change; another uid is a new object', async () => {
    const { stream, clock, changes } = await following();
    stream.send('MODIFIED', aWidget('one', atVersion(11)));
    stream.send('MODIFIED', aWidget('one', atVersion(11)));
    stream.send('MODIFIED', aWidget('one', atVersion(15), withMeta({ uid: 'second' })));
    stream.send('DELETED', aWidget('one', atVersion(12)));
    await clock.settle();
    expect(changes).toEqual(['updated one', 'deleted one', 'added one']);
  });

  test('a watch that ends is opened again at once where it stopped, without a list', async () => {
    const { stream, add, clock, asked } = await following();
    stream.send('ADDED', aWidget('two', atVersion(11)));
    stream.send('BOOKMARK', bookmark(42));
    await clock.advance(60_000);
    add(aStream().answer);
    stream.end();
    await clock.settle();
    expect(asked.at(-1)?.query.get('resourceVersion')).toBe('42');
    expect(clock.asleepForMs(), 'only the watchdog sleeps').toEqual([150_000]);
  });

  test('the position is that of the last event, when no bookmark comes', async () => {
    const { stream, add, clock, asked } = await following();
    stream.send('ADDED', aWidget('two', atVersion(11)));
    await clock.advance(60_000);
    add(aStream().answer);
    stream.end();
    await clock.settle();
    expect(asked.at(-1)?.query.get('resourceVersion')).toBe('11');
  });

  test('watches that end at once, however politely, are opened ever more seldom', async () => {
    const { stream, add, clock, asked } = await following();
    stream.end();
    await clock.settle();
    const waits: number[] = [];
    for (let times = 0; times < 7; times += 1) {
      waits.push(clock.asleepForMs()[0] ?? -1);
      const next = aStream();
      next.end();
      add(next.answer);
      await clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    expect(asked.every((one) => !one.target.includes('limit') || one === asked[1])).toBe(true);
  });

  test('a watch that lived for a while makes earlier failures forgotten', async () => {
    const { stream, add, clock } = await following();
    add(gone, gone, gone, json(aList(20, [])), aStream().answer);
    const second = aStream();
    stream.end();
    await clock.advance(7_000);
    add(second.answer);
    await clock.advance(170_000);
    second.break(new Error('reset'));
    await clock.settle();
    expect(clock.asleepForMs()).toEqual([1_000]);
  });

  test('a silent watch is opened again where it stopped', async () => {
    const { stream, add, clock, asked, lines } = await following();
    stream.send('BOOKMARK', bookmark(20));
    await clock.settle();
    await clock.advance(100_000);
    stream.send('BOOKMARK', bookmark(21));
    await clock.settle();
    add(aStream().answer);
    await clock.advance(149_999);
    expect(asked).toHaveLength(3);
    await clock.advance(1);
    expect(asked).toHaveLength(4);
    expect(asked[3]?.query.get('resourceVersion')).toBe('21');
    expect(stream.released(), 'the dead connection is let go').toBe(true);
    expect(lines).toEqual([]);
  });

  test.each([
    { name: 'a broken line', act: (stream: Stream) => stream.raw('{"type":"MODI\n') },
    {
      name: 'half an event',
      act(stream: Stream) {
        stream.raw('{"type":"MODIFIED","object":{"kind"');
        stream.end();
      },
    },
    { name: 'a reset', act: (stream: Stream) => stream.break(new Error('reset')) },
    {
      name: 'an error in the stream',
      act: (stream: Stream) => stream.send('ERROR', { kind: 'Status', code: 500, message: 'ill' }),
    },
  ])('after $name the watch goes on where it stopped, after a while', async ({ act }) => {
    const { stream, add, clock, asked, changes, lines } = await following();
    stream.send('MODIFIED', aWidget('one', atVersion(11)));
    await clock.settle();
    act(stream);
    await clock.settle();
    expect(asked).toHaveLength(3);
    const next = aStream();
    add(next.answer);
    await clock.advance(1_000);
    expect(asked[3]?.query.get('resourceVersion')).toBe('11');
    next.send('MODIFIED', aWidget('one', atVersion(12)));
    await clock.settle();
    expect(changes).toEqual(['updated one', 'updated one']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^warn: /);
    expect(lines[1]).toBe('info: widgets.example.com can be watched again');
  });

  test.each([
    { name: 'in the stream', inStream: true, answer: undefined },
    { name: 'on connecting', inStream: false, answer: gone },
    {
      name: 'because the server was set back',
      inStream: false,
      answer: refusal(504, 'Timeout', 'Too large resource version: 10, current: 3'),
    },
  ])('forgotten history ($name) is read anew; what went meanwhile is noticed', async (one) => {
    const { stream, add, clock, changes, lines } = await following([
      aWidget('gone'),
      aWidget('recreated'),
      aWidget('same'),
    ]);
    if (one.inStream) stream.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    else stream.end();
    await clock.settle();
    if (one.answer) {
      add(one.answer);
      await clock.advance(1_000);
    }
    const again = aWidget('recreated', withMeta({ uid: 'second' }), atVersion(50));
    add(json(aList(60, [again, aWidget('same'), aWidget('new', atVersion(55))])), aStream().answer);
    await clock.advance(2_000);
    expect(changes).toEqual(['deleted recreated', 'added recreated', 'added new', 'deleted gone']);
    expect(lines, 'it is nothing to worry about').toEqual([]);
  });

  test('after a long outage forgotten history is read anew at once', async () => {
    const { stream, add, clock, asked } = await following([aWidget('one')]);
    const outage = 5;
    for (let count = 0; count < outage; count += 1) add(refusal(503, 'ServiceUnavailable', 'away'));
    add(gone, json(aList(60, [aWidget('one')])), aStream().answer);
    stream.end();
    // Until the server answers; the next wait would be ten seconds by now.
    const before = asked.length;
    for (let ms = 0; ms < 120_000 && asked.length <= before + outage; ms += 500) {
      await clock.advance(500);
    }
    expect(asked).toHaveLength(before + outage + 1);
    await clock.advance(2_000);
    expect(asked.length).toBeGreaterThan(before + outage + 1);
  });

  test('forgotten history is read anew by streaming where the server offers it', async () => {
    const [first, second] = [aStream(), aStream()];
    const { clock, asked, changes } = await reflecting([first.answer, gone, second.answer]);
    existing(first, 10, aWidget('one'), aWidget('two'));
    first.end();
    await clock.settle();
    await clock.advance(3_000);
    expect(asked.map((one) => one.query.has('sendInitialEvents'))).toEqual([true, false, true]);
    existing(second, 90, aWidget('two'), aWidget('three'));
    await clock.settle();
    expect(changes.slice(2)).toEqual(['added three', 'deleted one']);
  });

  test('a subscriber that throws does not end the watch', async () => {
    const { stream, clock, store, names } = await following();
    store.subscribe({
      added: () => {
        throw new Error('broken');
      },
    });
    stream.send('ADDED', aWidget('two', atVersion(11)));
    stream.send('ADDED', aWidget('three', atVersion(12)));
    await clock.settle();
    expect(names()).toEqual(['one', 'two', 'three']);
  });
});

describe('when the server is not as it should be', () => {
  test('Retry-After is obeyed, for lists and watches', async () => {
    const busy = refusal(429, 'TooManyRequests', 'busy', { 'retry-after': '17' });
    const { clock, add } = await reflecting([busy]);
    expect(clock.asleepForMs()).toEqual([17_000]);
    add(noStreaming, busy);
    await clock.advance(17_000);
    expect(clock.asleepForMs()).toEqual([17_000]);
    add(json(aList(10, [])), busy);
    await clock.advance(17_000);
    expect(clock.asleepForMs()).toEqual([17_000]);
  });

  test('an outage is told once, tried ever more seldom, and its end is told', async () => {
    const { stream, add, clock, asked, lines } = await following();
    const away: Answer = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    add(...Array.from({ length: 500 }, () => away));
    stream.break(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    await clock.advance(3_600_000);
    const tries = asked.length - 3;
    expect(tries).toBeGreaterThan(350);
    expect(tries).toBeLessThan(370);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('nothing listens there; is the cluster running?');
  });

  test('without permission it says so once and goes on trying', async () => {
    const forbidden = refusal(403, 'Forbidden', 'User "x" cannot watch resource "widgets"');
    const { add, clock, lines, reflector } = await reflecting([forbidden]);
    add(forbidden);
    await clock.advance(1_000);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/cannot watch resource "widgets".*grant it/);
    const stream = aStream();
    add(stream.answer);
    existing(stream, 10);
    await clock.advance(2_000);
    expect(reflector.synced).toBe(true);
    expect(lines[1]).toBe('info: widgets.example.com can be watched again');
  });

  test('a kind that is not there yet is waited for, with one line', async () => {
    const { add, clock, lines, reflector, asked } = await reflecting([missing]);
    add(...Array.from({ length: 5 }, () => missing));
    await clock.advance(31_000);
    expect(asked).toHaveLength(6);
    expect(lines).toEqual([
      'warn: the cluster does not serve widgets.example.com v1 yet; waiting for its CustomResourceDefinition',
    ]);
    const stream = aStream();
    existing(stream, 10, aWidget('one'));
    add(stream.answer);
    await clock.advance(30_000);
    expect(reflector.synced).toBe(true);
  });

  test('a kind that goes and comes back is read anew', async () => {
    const { stream, add, clock, changes, asked } = await following();
    stream.end();
    add(missing, json(aList(99, [])), aStream().answer);
    await clock.advance(10_000);
    expect(asked.at(-2)?.target).toContain('limit=500');
    expect(changes).toEqual(['deleted one']);
  });

  test('an answer from something else is told and tried again', async () => {
    const page: Answer = () => new Response('<html>', { status: 200 });
    const { clock, lines } = await reflecting([page]);
    expect(lines).toHaveLength(1);
    expect(clock.asleepForMs()).toEqual([1_000]);
  });
});

describe('the end', () => {
  const never: Answer = () => new Promise<Response>(() => {});
  test.each([
    { name: 'while it connects', script: [never] },
    { name: 'while it lists', script: [noStreaming, never] },
    {
      name: 'while it lists the second page',
      script: [noStreaming, json(aList(1, [], 'x')), never],
    },
    { name: 'while it follows', script: [noStreaming, json(aList(1, [])), aStream().answer] },
    { name: 'while it waits to try again', script: [missing] },
    { name: 'in the middle of the initial events', script: [aStream().answer] },
  ])('comes at once $name', async ({ script }) => {
    const { run, stop, clock, asked } = await reflecting(script);
    const before = asked.length;
    stop.abort(new Error('asked to stop'));
    await run;
    expect(clock.asleepForMs()).toEqual([]);
    await clock.advance(600_000);
    expect(asked).toHaveLength(before);
  });

  test('comes before anything is asked, when it was told so before it began', async () => {
    const api = scriptedApi();
    const stop = new AbortController();
    stop.abort();
    const store = createStore<Widget>(silentLog);
    const { client, clock } = api;
    const options = { client, type: widgets, store, clock, random: evenRandom, log: silentLog };
    await createReflector<Widget>(options).run(stop.signal);
    expect(api.asked).toEqual([]);
  });

  test('changes nothing in the store, whatever still arrives', async () => {
    const { stream, stop, run, clock, names } = await following();
    stop.abort();
    stream.send('ADDED', aWidget('late', atVersion(11)));
    await run;
    await clock.settle();
    expect(names()).toEqual(['one']);
  });
});

function answerOf(status: number, text: string) {
  async function* body() {
    yield new TextEncoder().encode(text);
  }
  return { status, headers: new Map<string, string>(), body: body() };
}

/** More than any client should hold, without holding it here. */
async function* flood() {
  const chunk = new Uint8Array(2 ** 20);
  for (let megabytes = 0; megabytes < 65; megabytes += 1) yield chunk;
}

async function* silence(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
}
