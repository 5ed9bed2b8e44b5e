/**
 * A watch: what happened after a revision, then what happens, as JSON lines. Starts with all
 * objects when the client asks for that, ends after the client's time-out, tells a client whose
 * revision is forgotten that it has expired, and never lets a slow client hold memory for ever.
 */
import { expired } from './api-error.ts';
import { type Call, revisionOf } from './call.ts';
import type { ApiObject } from './json.ts';
import { apiVersionOf } from './kind.ts';
import { checkListOptions, prefixOf, selection, wholeNumber } from './list.ts';
import { isTrue } from './request-info.ts';
import type { Predicate } from './selectors.ts';
import { entriesAt } from './snapshot.ts';
import type { StoreEvent } from './store.ts';
import type { WatchHub } from './watch-hub.ts';

/** How the client wants to see each object (as it is, as metadata, as a table). */
export type Encode = (object: ApiObject) => unknown;

/** Without a time-out of the client's own, a watch ends after this, and up to twice this. */
const timeoutMinMs = 30 * 60_000;
const bookmarkIntervalMs = 60_000;
/** A last bookmark comes this long before the end, so that the next watch starts from there. */
const lastBookmarkLeadMs = 2_000;
/** Lines that wait for a client to read them; one that falls further behind is cut off. */
const backlogMax = 10_000;

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export function watchObjects(
  call: Call,
  encode: Encode,
  hub: WatchHub,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const { server, kind } = call;
  checkListOptions(call.query);
  const select = selection(call);
  const prefix = prefixOf(call);
  const first = initialLines(call, select, prefix, encode);
  const lines = lineStream(first, signal, (send, end) => {
    const stopListening = server.store.subscribe((event) => {
      if (event.resource !== kind.storage || !event.key.startsWith(prefix)) return;
      const seen = translated(call, event, select);
      if (seen !== undefined) send(line(seen.type, encode(seen.object)));
    });
    const stopTimer = scheduleEnd(call, () => send(bookmark(call, encode, false)), end);
    const leave = hub.add({ storage: kind.storage, end });
    return () => {
      stopListening();
      stopTimer();
      leave();
    };
  });
  return lines;
}

interface FirstLines {
  readonly lines: readonly Uint8Array[];
  readonly ended: boolean;
}

function initialLines(
  call: Call,
  select: Predicate | undefined,
  prefix: string,
  encode: Encode,
): FirstLines {
  const { query, server, kind } = call;
  const { store } = server;
  const asked = query.get('resourceVersion') ?? '';
  const sendInitialEvents = query.get('sendInitialEvents');
  const fromStart =
    sendInitialEvents === null ? asked === '' || asked === '0' : isTrue(sendInitialEvents);
  if (fromStart) {
    const entries = entriesAt(store, kind.storage, prefix, store.revision()) ?? [];
    const objects = entries.map(({ object }) => kind.present(object));
    const chosen = select === undefined ? objects : objects.filter(select);
    const lines = chosen.map((object) => line('ADDED', encode(object)));
    if (sendInitialEvents !== null) lines.push(bookmark(call, encode, true));
    return { lines, ended: false };
  }
  const revision = asked === '' || asked === '0' ? store.revision() : revisionOf(asked);
  const events = store.since(kind.storage, revision);
  if (events === undefined) {
    const oldest = store.forgottenUpTo(kind.storage);
    const { status } = expired(`too old resource version: ${revision} (${oldest})`);
    return { lines: [line('ERROR', status)], ended: true };
  }
  const lines = events
    .filter((event) => event.key.startsWith(prefix))
    .map((event) => translated(call, event, select))
    .filter((seen) => seen !== undefined)
    .map((seen) => line(seen.type, encode(seen.object)));
  return { lines, ended: false };
}

/** An event as this watch sees it: an object that leaves the selection is deleted for it. */
function translated(
  { kind }: Call,
  event: StoreEvent,
  select: Predicate | undefined,
): { readonly type: EventType; readonly object: ApiObject } | undefined {
  const object = kind.present(event.object);
  if (select === undefined) return { type: event.type, object };
  const previous = event.previous === undefined ? undefined : kind.present(event.previous);
  const before = previous !== undefined && select(previous);
  const now = event.type !== 'DELETED' && select(object);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before || previous === undefined) return undefined;
  // The last state that the watch knew, with the revision of the event.
  const { resourceVersion } = object.metadata;
  return {
    type: 'DELETED',
    object: {
      ...previous,
      metadata: { ...previous.metadata, ...{ resourceVersion } },
    } as ApiObject,
  };
}

function bookmark({ kind, server }: Call, encode: Encode, initialEventsEnd: boolean): Uint8Array {
  const metadata = {
    resourceVersion: String(server.store.revision()),
    ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  const object = { kind: kind.served.kind, apiVersion: apiVersionOf(kind.served), metadata };
  return line('BOOKMARK', encode(object as unknown as ApiObject));
}

/** One timer at a time: the next bookmark, or the end. Returns its cancel. */
function scheduleEnd(call: Call, sendBookmark: () => void, end: () => void): () => void {
  const { clock, random } = call.server;
  const wantsBookmarks = isTrue(call.query.get('allowWatchBookmarks'));
  const seconds = wholeNumber(call.query.get('timeoutSeconds'));
  const timeoutMs = seconds > 0 ? seconds * 1000 : timeoutMinMs * (1 + random.next());
  const endsAt = clock.elapsed() + timeoutMs;
  let cancel = () => {};
  const next = () => {
    const leftMs = endsAt - clock.elapsed();
    const beforeEndMs = leftMs - lastBookmarkLeadMs;
    if (!wantsBookmarks || beforeEndMs <= 0) {
      cancel = clock.after(leftMs, end);
      return;
    }
    cancel = clock.after(Math.min(bookmarkIntervalMs, beforeEndMs), () => {
      sendBookmark();
      next();
    });
  };
  next();
  return () => cancel();
}

type Subscribe = (send: (line: Uint8Array) => void, end: () => void) => () => void;

/** The body: the first lines, then what `subscribe` sends until someone ends it. */
function lineStream(
  first: FirstLines,
  signal: AbortSignal,
  subscribe: Subscribe,
): ReadableStream<Uint8Array> {
  let stop = () => {};
  const onAbort = (controller: ReadableStreamDefaultController<Uint8Array>) => () => {
    stop();
    controller.error(signal.reason);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        for (const each of first.lines) controller.enqueue(each);
        if (first.ended) {
          controller.close();
          return;
        }
        const abort = onAbort(controller);
        const end = () => {
          stop();
          controller.close();
        };
        const send = (each: Uint8Array) => {
          controller.enqueue(each);
          if ((controller.desiredSize ?? 0) <= 0) end();
        };
        const unsubscribe = subscribe(send, end);
        signal.addEventListener('abort', abort, { once: true });
        stop = () => {
          stop = () => {};
          unsubscribe();
          signal.removeEventListener('abort', abort);
        };
        if (signal.aborted) abort();
      },
      cancel() {
        stop();
      },
    },
    new CountQueuingStrategy({ highWaterMark: first.lines.length + backlogMax }),
  );
}

const encoder = new TextEncoder();

function line(type: EventType, object: unknown): Uint8Array {
  return encoder.encode(`${JSON.stringify({ type, object })}\n`);
}
