/**
 * The network between one operator process and the servers: latency, every fault of the plan, and
 * what a death leaves of the requests that are on their way.
 */
import type { HttpRequest, HttpResponse, HttpTransport } from '../../src/platform/http.ts';
import {
  type AnswerFault,
  type Asked,
  lateEffectMs,
  type Outcome,
  outcomeOf,
} from './faults/answers.ts';
import { errorLine, lateMs } from './faults/watch-lines.ts';
import type { Kernel } from './kernel.ts';
import type { Plan, Side } from './plan.ts';
import { type Subject, subjectOf } from './requests.ts';
import { type Served, type Servers, tokens, urls, type WholeRequest } from './serve.ts';

/** The faults that are left, and who counts what. Shared by all operators of a world. */
export interface Faults {
  /** What hits the next request; counts it. */
  atRequest(asked: Asked): { readonly kind: string; readonly applied: boolean } | undefined;
  atLine(): string | undefined;
}

export interface Ends {
  /** `instance` ends: at once, or told to. */
  kill(): void;
  stop(): void;
}

export interface Line {
  readonly id: string;
  readonly isDead: () => boolean;
  readonly isStopping: () => boolean;
  /** Aborted at its death: the servers see its connections end. */
  readonly gone: AbortSignal;
  readonly ends: Ends;
  /** Does it now, or when the process, which stands still, goes on. */
  readonly whenAwake: (task: () => void) => void;
  readonly isCutFrom: (side: Side) => boolean;
  /** Requests and watches that wait for an answer or are open. */
  readonly open: Set<string>;
}

/** What oracles hear of a request as it leaves the operator, before anything happens to it. */
export interface Sent {
  readonly line: Line;
  readonly side: Side;
  readonly request: WholeRequest;
  readonly subject: Subject;
}

export interface NetworkOptions {
  readonly kernel: Kernel;
  readonly servers: Servers;
  readonly plan: Plan;
  readonly faults: Faults;
  readonly onSent: (sent: Sent) => void;
  readonly onAnswered: (sent: Sent, served: Served | undefined) => void;
  readonly onViolation: (oracle: string, what: string) => void;
}

const lineGapMs = 0.001;
const never = () => new Promise<never>(() => {});
/** A body that no reader may take in whole. */
const hugePieces = 70;
const hugePiece = new TextEncoder().encode(' '.repeat(2 ** 20));

export function createTransport(options: NetworkOptions, side: Side, line: Line): HttpTransport {
  const { kernel, servers, plan } = options;
  const [least, most] = plan.latencyMs ?? [1, 4];
  const latency = () => least + kernel.pick((most - least) * 8 + 1) / 8;
  let number = 0;
  /** What comes to the process, once it is awake to hear it. */
  const later = (ms: number, task: () => void) => void kernel.after(ms, () => line.whenAwake(task));

  return async (given) => {
    if (line.isDead()) return await never();
    given.signal?.throwIfAborted();
    const request = await wholeRequest(given);
    const url = new URL(request.url);
    if (url.origin !== urls[side]) options.onViolation('S12', `asked ${url.origin}`);
    const subject = subjectOf(side, request.method, url);
    const { operation, isWatch } = subject;
    const asked: Asked = {
      side,
      method: request.method,
      isWatch,
      operation,
      nowMs: kernel.clock.now(),
      token: tokens[side],
    };
    const sent: Sent = { line, side, request, subject };
    options.onSent(sent);
    const planned = options.faults.atRequest(asked);
    const fault = line.isCutFrom(side) ? { kind: 'hang', applied: false } : planned;
    number += 1;
    const name = `${line.id}/${side}#${number} ${operation}`;
    kernel.note(`${name} ${url.pathname}${url.search} ${textOf(request.body)}`);
    if (fault !== undefined) kernel.note(`fault ${fault.kind} ${fault.applied} at ${name}`);
    const ends = fault?.kind === 'kill' || fault?.kind === 'stop' ? fault.kind : undefined;
    const endsNow = ends !== undefined && !fault?.applied;
    if (endsNow && ends === 'kill') {
      line.ends.kill();
      return await never();
    }
    // A signal is heard between two turns of the event loop, never in the middle of one.
    if (endsNow) kernel.after(0, line.ends.stop);
    line.open.add(name);
    try {
      return ends === undefined
        ? await exchange(name, sent, asked, fault, undefined)
        : await exchange(name, sent, asked, undefined, endsNow ? undefined : ends);
    } finally {
      if (!isWatch) line.open.delete(name);
    }
  };

  /** To the server and back; each way is an event of its own. */
  function exchange(
    name: string,
    sent: Sent,
    asked: Asked,
    fault: { readonly kind: string; readonly applied: boolean } | undefined,
    ends: 'kill' | 'stop' | undefined,
  ): Promise<HttpResponse> {
    const { request } = sent;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const settle = (how: () => void) => {
        if (isOver || line.isDead()) return;
        isOver = true;
        request.signal?.removeEventListener('abort', onAbort);
        how();
      };
      const onAbort = () =>
        settle(() => {
          line.open.delete(name);
          options.onAnswered(sent, undefined);
          reject(request.signal?.reason);
        });
      request.signal?.addEventListener('abort', onAbort, { once: true });
      const fail = (error: unknown) =>
        settle(() => {
          line.open.delete(name);
          options.onAnswered(sent, undefined);
          reject(error);
        });
      const arrive = async () => {
        // What was on its way at a death, or given up, may arrive all the same.
        if ((line.isDead() || isOver) && kernel.pick(2) === 0) return;
        let real: Served = { status: 0, headers: new Map(), bytes: new Uint8Array() };
        if (fault?.kind === 'late') {
          kernel.after(lateEffectMs, () => void kernel.track(reach(sent)));
        } else if (fault === undefined || fault.applied) {
          real = await reach(sent);
          if (fault?.kind === 'twice') real = await reach(sent);
          if (fault?.kind === 'stale') real = servers.staleOf(request.url) ?? real;
        }
        if (ends !== undefined) line.ends[ends]();
        const outcome: Outcome =
          fault === undefined
            ? { kind: 'answer', served: real }
            : outcomeOf(fault.kind as AnswerFault, asked, real);
        if (outcome.kind === 'nothing') {
          const { error } = outcome;
          kernel.note(`${name} gets nothing`);
          if (error !== undefined) later(outcome.afterMs + latency(), () => fail(error));
          return;
        }
        later(latency(), () =>
          settle(() => {
            const { served } = outcome;
            kernel.note(`${name} gets ${served.status}`);
            options.onAnswered(sent, served);
            if (served.lines === undefined) line.open.delete(name);
            resolve({
              status: served.status,
              headers: served.headers,
              body: bodyOf(name, served, outcome.pace, request.signal),
            });
          }),
        );
      };
      kernel.after(latency(), () => {
        kernel.track(arrive()).catch(fail);
      });
    });
  }

  function reach({ request, subject }: Sent): Promise<Served> {
    const { signal, ...rest } = request;
    // Only a watch ends with its client; what a server has begun otherwise, it brings to its end.
    if (!subject.isWatch) return servers.serve(side, rest, line.id);
    const either = signal === undefined ? line.gone : AbortSignal.any([signal, line.gone]);
    return servers.serve(side, { ...rest, signal: either }, line.id);
  }

  function bodyOf(
    name: string,
    served: Served,
    pace: { pieces: number; everyMs: number; breaks?: boolean } | undefined,
    signal: AbortSignal | undefined,
  ): AsyncIterable<Uint8Array> {
    if (served.lines !== undefined) return watchBody(name, served.lines, signal);
    if (served.endless) return endlessBody();
    if (pace !== undefined) return pacedBody(served.bytes, pace);
    return wholeBody(served.bytes);
  }

  async function* pacedBody(
    bytes: Uint8Array,
    { pieces, everyMs, breaks = false }: { pieces: number; everyMs: number; breaks?: boolean },
  ): AsyncGenerator<Uint8Array> {
    const size = Math.max(1, Math.ceil(bytes.length / pieces));
    for (let piece = 0; piece < pieces; piece += 1) {
      await new Promise<void>((resolve) => later(everyMs, resolve));
      if (line.isDead()) await never();
      if (breaks && piece === pieces - 1) throw resetError();
      yield bytes.subarray(piece * size, (piece + 1) * size);
    }
  }

  /** Lines arrive one by one, in order, each after its own latency, unless a fault hits one. */
  function watchBody(
    name: string,
    lines: ReadableStream<Uint8Array>,
    signal: AbortSignal | undefined,
  ): AsyncIterable<Uint8Array> {
    const queue = createLineQueue();
    const reader = lines.getReader();
    let lastAt = 0;
    let cutOff = false;
    const deliver = (what: () => void, extraMs = 0) => {
      // Later than the last one, or the seeded order of one moment would mix them up.
      lastAt = Math.max(lastAt + lineGapMs, kernel.clock.elapsed() + latency() + extraMs);
      later(lastAt - kernel.clock.elapsed(), () => {
        if (!line.isDead()) what();
      });
    };
    const finish = (error?: unknown) => {
      line.open.delete(name);
      queue.end(error);
    };
    const leave = () => {
      cutOff = true;
      reader.cancel().catch(() => {});
      finish();
    };
    const hit = (fault: string, chunk: Uint8Array) => {
      kernel.note(`fault ${fault} at a line of ${name}`);
      const close = (last?: Uint8Array, error?: unknown) => {
        cutOff = true;
        reader.cancel().catch(() => {});
        if (last !== undefined) deliver(() => queue.put(last));
        deliver(() => finish(error));
      };
      switch (fault) {
        case 'lost':
          cutOff = true;
          reader.cancel().catch(() => {});
          deliver(() => queue.put(errorLine(410, 'Expired')), lateMs);
          return deliver(() => finish());
        case 'twice':
          deliver(() => queue.put(chunk));
          return deliver(() => queue.put(chunk));
        case 'late':
          return deliver(() => queue.put(chunk), lateMs);
        case 'ends':
          return close();
        case 'expired':
          return close(errorLine(410, 'Expired'));
        case 'error':
          return close(errorLine(500, 'InternalError'));
        case 'cut':
          return close(chunk.subarray(0, chunk.length / 2));
        case 'broken':
          return close(undefined, resetError());
        default:
          // Silent: the client has to notice by itself.
          cutOff = true;
          reader.cancel().catch(() => {});
      }
    };
    const pump = async () => {
      try {
        while (!cutOff) {
          const { done, value } = await reader.read();
          if (cutOff) return;
          if (done) return deliver(() => finish());
          for (const chunk of linesIn(value)) {
            if (cutOff) return;
            const fault = options.faults.atLine();
            if (fault === undefined) deliver(() => queue.put(chunk));
            else hit(fault, chunk);
          }
        }
      } catch (error) {
        if (!cutOff) deliver(() => finish(error));
      }
    };
    void pump();
    signal?.addEventListener('abort', leave, { once: true });
    // Not by the request's own signal alone: that one may be collected before it is aborted.
    line.gone.addEventListener('abort', leave, { once: true });
    return queue.body(leave);
  }
}

function linesIn(chunk: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
    lines.push(chunk.subarray(start, end + 1));
    start = end + 1;
  }
  return start < chunk.length ? [...lines, chunk.subarray(start)] : lines;
}

function createLineQueue() {
  const waiting: Uint8Array[] = [];
  let wake = () => {};
  let ended: { readonly error: unknown } | undefined;
  return {
    put(chunk: Uint8Array) {
      waiting.push(chunk);
      wake();
    },
    end(error?: unknown) {
      ended ??= { error };
      wake();
    },
    async *body(onLeave: () => void): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          const chunk = waiting.shift();
          if (chunk !== undefined) yield chunk;
          else if (ended !== undefined) {
            if (ended.error !== undefined) throw ended.error;
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        onLeave();
      }
    },
  };
}

async function* wholeBody(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

async function* endlessBody(): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < hugePieces; piece += 1) yield hugePiece;
}

function resetError(): Error {
  return Object.assign(new Error('network failure ECONNRESET'), { code: 'ECONNRESET' });
}

/** The network of a plan may deliver it twice, or much later. */
async function wholeRequest(request: HttpRequest): Promise<WholeRequest> {
  const { body, ...rest } = request;
  if (body === undefined) return rest;
  if (typeof body === 'string' || body instanceof Uint8Array) return { ...rest, body };
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { ...rest, body: Buffer.concat(chunks) };
}

function textOf(body: WholeRequest['body']): string {
  if (body === undefined) return '';
  return typeof body === 'string'
    ? body
    : `${body.length} bytes ${Buffer.from(body).toString('base64')}`;
}
