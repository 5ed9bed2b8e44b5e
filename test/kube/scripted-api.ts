/** An API server that answers what a test says, and remembers what it was asked. */
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { type HttpTransport, handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

export const widgets: ResourceType = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

export interface Widget extends KubeObject {
  readonly spec?: { readonly size: number };
}

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
  /** Aborted when the client lets go, as a closed connection would be. */
  readonly signal: AbortSignal;
}

export type Answer = (asked: Asked) => Response | Promise<Response>;

export interface ScriptedApi {
  readonly asked: Asked[];
  readonly clock: ManualClock;
  readonly transport: HttpTransport;
  readonly client: KubeClient;
  /** Adds answers; each is used once, in order. */
  add(...answers: Answer[]): void;
}

export const baseUrl = 'https://api.example.com:6443';

export function scriptedApi(...script: Answer[]): ScriptedApi {
  const answers = [...script];
  const asked: Asked[] = [];
  const clock = createManualClock();
  const transport = handlerTransport(async (request) => {
    const url = new URL(request.url);
    const one = {
      method: request.method,
      target: `${url.pathname}${url.search}`,
      query: url.searchParams,
      headers: request.headers,
      body: await request.text(),
      signal: request.signal,
    };
    asked.push(one);
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`the script has no answer for ${one.target}`);
    return answer(one);
  });
  const client = createKubeClient({
    baseUrl,
    transport,
    clock,
    log: silentLog,
    userAgent: 'test/1',
  });
  return { asked, clock, transport, client, add: (...more) => void answers.push(...more) };
}

export function json(body: object, status = 200, headers: Record<string, string> = {}): Answer {
  return () => Response.json(body, { status, headers });
}

/** A refusal as the API server words it. */
export function refusal(code: number, reason: string, message: string, headers = {}): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
  return json(body, code, headers);
}

export function aWidget(name: string, ...changes: ((widget: Widget) => Widget)[]): Widget {
  const widget: Widget = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { namespace: 'a', name, uid: `uid-${name}`, resourceVersion: '1' },
    spec: { size: 1 },
  };
  return changes.reduce((changed, change) => change(changed), widget);
}

export function atVersion(resourceVersion: number): (widget: Widget) => Widget {
  return withMeta({ resourceVersion: String(resourceVersion) });
}

export function withMeta(meta: Partial<KubeObject['metadata']>): (widget: Widget) => Widget {
  return (widget) => ({ ...widget, metadata: { ...widget.metadata, ...meta } });
}

export function aList(resourceVersion: number, items: readonly Widget[], token?: string): object {
  return {
    kind: 'WidgetList',
    apiVersion: 'example.com/v1',
    metadata: { resourceVersion: String(resourceVersion), ...(token ? { continue: token } : {}) },
    items,
  };
}

/** A watch under the test's control. */
export interface Stream {
  readonly answer: Answer;
  /** Whether the client that opened it has let go. */
  readonly released: () => boolean;
  send(type: string, object: object): void;
  raw(text: string): void;
  end(): void;
  break(error: Error): void;
}

export function aStream(): Stream {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let released = false;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  const raw = (text: string) => controller.enqueue(new TextEncoder().encode(text));
  return {
    answer: ({ signal }) => {
      signal.addEventListener('abort', () => {
        released = true;
      });
      return new Response(body, { headers: { 'content-type': 'application/json' } });
    },
    released: () => released,
    send: (type, object) => raw(`${JSON.stringify({ type, object })}\n`),
    raw,
    end: () => controller.close(),
    break: (error) => controller.error(error),
  };
}

/** A bookmark; `initialEnd` marks the one that ends the initial events of a WatchList. */
export function bookmark(resourceVersion: number, initialEnd = false): object {
  return {
    kind: 'Widget',
    apiVersion: 'example.com/v1',
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  };
}
