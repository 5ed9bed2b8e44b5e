/** The lines of a watch as events. A line that is not one ends the stream with an error. */
import { type HttpResponse, readLines } from '../platform/http.ts';
import { abortableItems } from './abortable.ts';
import type { WatchEvent } from './client.ts';
import { errorOfFailure, errorOfStatus, KubeError, type KubeStatus } from './errors.ts';
import type { KubeObject } from './object.ts';

/** etcd refuses objects above 1.5 MB; with escapes and managed fields none comes near this. */
const lineMaxBytes = 16 * 2 ** 20;

export async function* readWatch<T extends KubeObject>(
  what: string,
  baseUrl: string,
  response: HttpResponse,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  try {
    for await (const line of abortableItems(signal, readLines(response, lineMaxBytes))) {
      if (line.trim() !== '') yield eventOf<T>(what, line);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw errorOfFailure(what, baseUrl, error);
  }
}

function eventOf<T extends KubeObject>(what: string, line: string): WatchEvent<T> {
  const event = parsed(line);
  switch (event?.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (!isObject(event.object) || !event.object.metadata.name) break;
      return { type: event.type, object: event.object as T };
    case 'BOOKMARK':
      if (!isObject(event.object)) break;
      return { type: 'BOOKMARK', object: event.object };
    case 'ERROR': {
      const status = (event.object ?? {}) as KubeStatus;
      const code = typeof status.code === 'number' ? status.code : 500;
      return { type: 'ERROR', error: errorOfStatus(what, status, code) };
    }
  }
  throw new KubeError(
    'transient',
    'UnreadableAnswer',
    `An event of ${what} is not a whole JSON event (${line.length} characters): the connection was cut, or something between us and the API server changes its answers.`,
  );
}

function parsed(line: string): { type?: unknown; object?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whatever follows relies on nothing but these parts of `metadata`. */
function isObject(value: unknown): value is KubeObject {
  const metadata = (value as { metadata?: Partial<KubeObject['metadata']> } | undefined)?.metadata;
  return typeof metadata?.resourceVersion === 'string';
}
