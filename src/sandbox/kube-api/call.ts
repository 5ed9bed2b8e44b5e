/** What every verb gets: the server's parts, and the request as far as it is understood. */
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Random } from '../../platform/random.ts';
import { internal } from './api-error.ts';
import type { ApiObject } from './json.ts';
import { type Kind, keyOf } from './kind.ts';
import type { Registry } from './registry.ts';
import type { Store } from './store.ts';

export interface Server {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly registry: Registry;
}

export interface Call {
  readonly server: Server;
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** '' where the request names no object. */
  readonly name: string;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly userAgent: string;
  /** Sent as Warning headers; verbs add to it. */
  readonly warnings: string[];
}

/** The stored object that the call names, in the stored version. */
export function storedObject(call: Call, name = call.name): ApiObject | undefined {
  const { kind, server, namespace } = call;
  return server.store.get(kind.storage, keyOf(kind, namespace, name));
}

/** A resourceVersion as the number it is here; clients must treat it as opaque. */
export function revisionOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw internal(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}
