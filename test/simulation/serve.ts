/**
 * Both embedded servers, reached inside this process. Everything that anybody asks of them comes
 * through here, in order, so that oracles see what really happened and not what somebody believes.
 */
import { dataJobCrd } from '../../src/api/crd.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { HttpRequest } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createControlService } from '../../src/sandbox/control-service/service.ts';
import { createKubeApi } from '../../src/sandbox/kube-api/kube-api.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { type Kernel, worldStartMs } from './kernel.ts';
import { deployTimeOf, type Plan, type Side } from './plan.ts';
import { type Subject, subjectOf } from './requests.ts';

export const urls: Readonly<Record<Side, string>> = {
  kube: 'https://kubernetes.test',
  service: 'http://control-service.test',
};
/** Canaries: where these turn up, a secret has got out. */
export const tokens: Readonly<Record<Side, string>> = {
  kube: 'canary-kubernetes-token-4711',
  service: 'canary-service-token-0815',
};

/** A request whose body does not stream. */
export type WholeRequest = Omit<HttpRequest, 'body'> & {
  readonly body?: string | Uint8Array;
};

export interface Served {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  /** Of a watch, instead of the bytes. */
  readonly lines?: ReadableStream<Uint8Array>;
  /** The body goes on for ever. */
  readonly endless?: boolean;
}

/** One request that a server has dealt with. */
export interface Exchange {
  readonly side: Side;
  /** `person`, `oracle`, or the operator's number. */
  readonly who: string;
  readonly method: string;
  readonly url: URL;
  readonly subject: Subject;
  readonly body: string | Uint8Array | undefined;
}

export interface Watcher {
  before(exchange: Exchange): Promise<void> | void;
  after(exchange: Exchange, served: Served): void;
}

export interface Servers {
  serve(side: Side, request: WholeRequest, who: string): Promise<Served>;
  /** The answer from before the last write, where that is another one. */
  staleOf(url: string): Served | undefined;
  watch(watcher: Watcher): void;
  compact(): void;
  openWatches(): number;
  close(): void;
}

/** The API server's content before anybody does anything: made once, because checking a schema takes long. */
const kindsInstalled = (async () => {
  const clock: Clock = { now: () => worldStartMs, elapsed: () => 0, after: () => () => {} };
  const api = createKubeApi({ clock, random: createSeededRandom(0), log: silentLog });
  const answer = await api.handler(
    new Request(`${urls.kube}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(dataJobCrd),
    }),
  );
  if (!answer.ok) throw new Error(`the kind is refused: ${await answer.text()}`);
  return api.snapshot();
})();

export async function createServers(kernel: Kernel, plan: Plan): Promise<Servers> {
  const random = createSeededRandom(plan.seed + 1);
  const common = { clock: kernel.clock, random, log: silentLog };
  const kubeApi = createKubeApi({ ...common, token: tokens.kube });
  kubeApi.restore(await kindsInstalled);
  const service = createControlService({
    ...common,
    deployTimeMs: deployTimeOf(plan),
    persistence: plan.persistence ?? 'K8S',
    baseUrl: urls.service,
  });
  const handlers = { kube: kubeApi.handler, service: service.handler };
  const watchers: Watcher[] = [];
  const before = new Map<string, Served>();
  const keepsStale = plan.faults?.some(({ kind }) => kind === 'stale') === true;

  const handle = async (side: Side, request: WholeRequest, isWatch = false): Promise<Served> => {
    const response = await handlers[side](
      new Request(request.url, {
        method: request.method,
        redirect: 'manual',
        headers: { ...request.headers },
        body: request.body ?? null,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      }),
    );
    const head = { status: response.status, headers: new Map(response.headers) };
    if (isWatch && response.status === 200 && response.body !== null) {
      return { ...head, bytes: new Uint8Array(), lines: response.body };
    }
    return { ...head, bytes: await response.bytes() };
  };
  /** What readers who lag behind would still see after this write. */
  const keepStale = async (side: Side, request: WholeRequest) => {
    const url = request.url.replace(/\?.*$/, '');
    const job = url.replace(/\/(sources|deployments|status)(\/.*)?$/, '');
    const shown = side === 'kube' ? [job] : [job, `${job}/deployments`];
    for (const each of shown) {
      const headers = { authorization: `Bearer ${tokens[side]}`, accept: 'application/json' };
      before.set(each, await handle(side, { method: 'GET', url: each, headers }));
    }
  };
  const servers: Servers = {
    serve(side, request, who) {
      const url = new URL(request.url);
      const subject = subjectOf(side, request.method, url);
      const { method, body } = request;
      const exchange: Exchange = { side, who, method, url, subject, body };
      return kernel.track(
        (async () => {
          if (who !== 'oracle') for (const watcher of watchers) await watcher.before(exchange);
          if (keepsStale && subject.isWrite && who !== 'oracle') await keepStale(side, request);
          const served = await handle(side, request, subject.isWatch);
          if (who !== 'oracle') for (const watcher of watchers) watcher.after(exchange, served);
          return served;
        })(),
      );
    },
    staleOf: (url) => before.get(url.replace(/\?.*$/, '')),
    watch: (watcher) => void watchers.push(watcher),
    compact: () => {
      kubeApi.compact();
      kubeApi.close();
    },
    openWatches: () => kubeApi.openWatches(),
    close() {
      kubeApi.close();
      service.close();
    },
  };
  return servers;
}

/** Every oracle looks into every answer: it is read once for all of them. */
const readAnswers = new WeakMap<Uint8Array, { readonly value: unknown }>();

/** The body as JSON, to be left as it is; undefined when it is none. */
export function jsonIn(body: string | Uint8Array | undefined): unknown {
  if (body === undefined || body.length === 0) return undefined;
  if (typeof body === 'string') return parsed(body);
  const known = readAnswers.get(body) ?? { value: parsed(new TextDecoder().decode(body)) };
  readAnswers.set(body, known);
  return known.value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
