/**
 * One watch connection of a reflector, from its opening to its end. Without a position it asks
 * for the existing objects in the same stream (WatchList), which are a reading of all that exists.
 */
import type { WatchEvent } from './client.ts';
import { KubeError } from './errors.ts';
import type { KubeObject } from './object.ts';
import { resourceName } from './path.ts';
import { beginReading } from './reading.ts';
import type { ReflectorOptions } from './reflector.ts';

/** What is known about the way between store and server. */
export interface Progress {
  /** The resourceVersion that the store has reached; undefined = read from the start. */
  position: string | undefined;
  /** The server may offer WatchList; false once it has shown that it does not. */
  streams: boolean;
  /** The store has been complete at least once. */
  synced: boolean;
}

export interface SessionHooks {
  /** The store has just become complete. */
  readonly onComplete: () => void;
  /** The server has accepted to go on from the position. */
  readonly onResume: () => void;
}

/** Different for each watch, so that those opened together do not all come back together. */
const watchSecondsMin = 300;
const watchSecondsSpread = 300;
/** Bookmarks come every minute. Longer silence may be a dead connection; asking anew is cheap. */
const silenceMs = 150_000;
/** Initial events come at once; a server that does not know them sends no end of them. */
const initialSilenceMs = 10_000;

/**
 * Returns when the server ended the watch or went silent; throws what went wrong otherwise. When
 * there is no position afterwards, the server has shown that it does not offer WatchList.
 */
export async function follow<T extends KubeObject>(
  options: ReflectorOptions<T>,
  progress: Progress,
  hooks: SessionHooks,
  signal: AbortSignal,
): Promise<void> {
  const watchdog = createWatchdog(options);
  try {
    await receive(options, progress, hooks, watchdog, signal);
  } catch (error) {
    signal.throwIfAborted();
    const isRefused = error instanceof KubeError && error.disposition === 'terminal';
    const isNotOffered = progress.position === undefined && isRefused;
    if (!watchdog.signal.aborted && !isNotOffered) throw error;
  } finally {
    watchdog.end();
  }
  if (progress.position === undefined) progress.streams = false;
}

async function receive<T extends KubeObject>(
  options: ReflectorOptions<T>,
  progress: Progress,
  hooks: SessionHooks,
  watchdog: Watchdog,
  signal: AbortSignal,
): Promise<void> {
  const { client, type, namespace, labelSelector, random, store } = options;
  const { position } = progress;
  const start =
    position === undefined ? { sendInitialEvents: true } : { resourceVersion: position };
  const timeoutSeconds = watchSecondsMin + Math.floor(random.next() * watchSecondsSpread);
  const events = await client.watch<T>(
    type,
    { namespace, labelSelector, timeoutSeconds, ...start },
    AbortSignal.any([signal, watchdog.signal]),
  );
  watchdog.allow(position === undefined ? initialSilenceMs : silenceMs);
  if (position !== undefined) hooks.onResume();
  let reading = position === undefined ? beginReading(options, !progress.synced) : undefined;
  for await (const event of events) {
    signal.throwIfAborted();
    watchdog.alive();
    if (event.type === 'ERROR') throw event.error;
    if (event.type === 'DELETED') (reading ?? store).remove(event.object);
    else if (event.type !== 'BOOKMARK') (reading ?? store).put(event.object);
    if (reading !== undefined) {
      if (!endsInitialEvents(event)) continue;
      await reading.end(signal);
      reading = undefined;
      watchdog.allow(silenceMs);
      hooks.onComplete();
    }
    progress.position = event.object.metadata.resourceVersion;
  }
}

function endsInitialEvents(event: WatchEvent<KubeObject>): boolean {
  return (
    event.type === 'BOOKMARK' &&
    event.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true'
  );
}

interface Watchdog {
  /** Aborted when nothing came for longer than allowed. */
  readonly signal: AbortSignal;
  /** Begins to watch, or changes how much silence is allowed. */
  allow(ms: number): void;
  alive(): void;
  end(): void;
}

/** One timer that looks how long ago the last event was, instead of one per event. */
function createWatchdog({
  clock,
  type,
}: Pick<ReflectorOptions<KubeObject>, 'clock' | 'type'>): Watchdog {
  const controller = new AbortController();
  let allowedMs = 0;
  let aliveAt = 0;
  let cancel = () => {};
  const arm = () => {
    const leftMs = aliveAt + allowedMs - clock.elapsed();
    if (leftMs > 0) cancel = clock.after(leftMs, arm);
    else controller.abort(new Error(`the watch of ${resourceName(type)} went silent`));
  };
  return {
    signal: controller.signal,
    allow(ms) {
      cancel();
      allowedMs = ms;
      aliveAt = clock.elapsed();
      arm();
    },
    alive() {
      aliveAt = clock.elapsed();
    },
    end: () => cancel(),
  };
}
