/**
 * The reflector against the embedded API server through a network that fails in every way we
 * know: whatever happens, once the network is well the store is what the server has, and what
 * subscribers heard adds up to it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKubeClient } from '../../src/kube/client.ts';
import { isConflict } from '../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore } from '../../src/kube/store.ts';
import {
  type HttpResponse,
  type HttpTransport,
  handlerTransport,
} from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createKubeApi } from '../../src/sandbox/kube-api/kube-api.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** What happens to requests, one after the other; without an entry they succeed. */
type Fault =
  | 'refused'
  | 'silent'
  | 'busy'
  | 'ill'
  | 'web page'
  | 'cut after a line'
  | 'broken line'
  | 'silent after a line';

type Step =
  | { readonly kind: 'put' | 'delete' | 'recreate'; readonly name: string }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'compact' | 'close watches' }
  | { readonly kind: 'wait'; readonly ms: number };

const anyName = fc.constantFrom('one', 'two', 'three', 'four');
const anyStep = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ kind: fc.constantFrom('put', 'delete', 'recreate'), name: anyName }),
  fc.record({
    kind: fc.constant('fault'),
    fault: fc.constantFrom<Fault>(
      'refused',
      'silent',
      'busy',
      'ill',
      'web page',
      'cut after a line',
      'broken line',
      'silent after a line',
    ),
  }),
  fc.record({ kind: fc.constantFrom('compact', 'close watches') }),
  fc.record({ kind: fc.constant('wait'), ms: fc.nat({ max: 200_000 }) }),
);

function failing(inner: HttpTransport, faults: Fault[], streams: boolean): HttpTransport {
  const text = (status: number, type: string, body: string, headers: [string, string][] = []) => ({
    status,
    headers: new Map([['content-type', type], ...headers]),
    body: once(body),
  });
  return async (request) => {
    if (!streams && request.url.includes('sendInitialEvents')) {
      return text(422, 'application/json', '{"kind":"Status","code":422,"reason":"Invalid"}');
    }
    const fault = faults.shift();
    if (fault === 'refused') throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    if (fault === 'silent') return await new Promise<HttpResponse>(() => {});
    if (fault === 'busy') return text(429, 'text/plain', 'busy', [['retry-after', '3']]);
    if (fault === 'ill') return text(500, 'text/plain', 'panic');
    if (fault === 'web page') return text(200, 'text/html', '<html>');
    const response = await inner(request);
    return fault === undefined ? response : { ...response, body: spoiled(response.body, fault) };
  };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

async function* spoiled(body: AsyncIterable<Uint8Array>, fault: Fault): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (fault === 'broken line') yield chunk.slice(0, Math.ceil(chunk.length / 2));
    else yield chunk;
    if (fault === 'silent after a line') await new Promise(() => {});
    return;
  }
}

async function world(streams: boolean) {
  const clock = createManualClock();
  const random = createSeededRandom();
  const api = createKubeApi({ clock, random, log: silentLog });
  const faults: Fault[] = [];
  const direct = handlerTransport(api.handler);
  const common = { baseUrl: 'https://kubernetes.test', clock, log: silentLog, userAgent: 'test/1' };
  const admin = createKubeClient({ ...common, transport: direct });
  let requests = 0;
  const faulty = failing(direct, faults, streams);
  const client = createKubeClient({
    ...common,
    transport: (request) => {
      requests += 1;
      return faulty(request);
    },
  });
  const store = createStore<KubeObject>(silentLog);
  const heard = new Map<string, KubeObject>();
  const problems: string[] = [];
  const nameOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;
  store.subscribe({
    added(object) {
      if (heard.has(nameOf(object))) problems.push(`${nameOf(object)} was added twice`);
      heard.set(nameOf(object), object);
    },
    updated(object, before) {
      if (heard.get(nameOf(object)) !== before)
        problems.push(`${nameOf(object)} came from nowhere`);
      if (object.metadata.uid !== before.metadata.uid) problems.push('an update changed the uid');
      heard.set(nameOf(object), object);
    },
    deleted(object) {
      if (!heard.delete(nameOf(object))) problems.push(`${nameOf(object)} was deleted twice`);
    },
  });
  const stop = new AbortController();
  const options = { client, type: configMaps, namespace: 'default', store, clock, random };
  const reflector = createReflector({ ...options, log: silentLog });
  const run = reflector.run(stop.signal);
  const put = async (name: string) => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name },
    };
    try {
      await admin.create(configMaps, object);
    } catch (error) {
      if (!isConflict(error)) throw error;
      const body = { data: { at: String(clock.elapsed()), change: random.hex(4) } };
      await admin.patch(configMaps, object.metadata, { kind: 'merge', body });
    }
  };
  const drop = (name: string) =>
    admin.remove(configMaps, { namespace: 'default', name }).catch(() => {});
  const perform = async (step: Step) => {
    if (step.kind === 'put') await put(step.name);
    else if (step.kind === 'delete') await drop(step.name);
    else if (step.kind === 'recreate') {
      await drop(step.name);
      await put(step.name);
    } else if (step.kind === 'fault') faults.push(step.fault);
    else if (step.kind === 'wait') await clock.advance(step.ms);
    else if (step.kind === 'compact') api.compact();
    else api.close();
  };
  const versions = (objects: Iterable<KubeObject>) =>
    [...objects].map((one) => `${one.metadata.uid} ${one.metadata.resourceVersion}`).sort();
  return {
    api,
    clock,
    faults,
    problems,
    perform,
    reflector,
    requests: () => requests,
    async end() {
      stop.abort();
      await run;
      await clock.settle();
    },
    inStore: () => versions(store.values()),
    inEvents: () => versions(heard.values()),
    inServer: async () =>
      versions((await admin.list<KubeObject>(configMaps, { namespace: 'default' })).items),
  };
}

test.each([{ streams: true }, { streams: false }])(
  'a store (initial events streamed: $streams) ends as the server is, whatever went wrong',
  async ({ streams }) => {
    const script = fc.array(anyStep, { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const { api, clock, faults, problems, perform, reflector, ...all } = await world(streams);
        for (const step of steps) await perform(step);
        faults.length = 0;
        // The longest wait, a deadline that still runs, and the silence of a dead watch.
        await clock.advance(240_000);
        expect(reflector.synced).toBe(true);
        expect(all.inStore()).toEqual(await all.inServer());
        expect(all.inEvents()).toEqual(all.inStore());
        expect(problems).toEqual([]);
        expect(api.openWatches()).toBe(1);
        const quiet = all.requests();
        await clock.advance(3_600_000);
        expect(all.requests() - quiet, 'an hour of peace is few requests').toBeLessThan(30);
        await all.end();
        expect([api.openWatches(), clock.asleepForMs()]).toEqual([0, []]);
      }),
      { numRuns: 60 },
    );
  },
);
