/**
 * A small client for any kind of the Kubernetes API. Each call is one request under a deadline;
 * the only repetition is one after 401 with a fresh token. Trying again is the business of who
 * calls: every failure is a `KubeError` that says whether that makes sense.
 */
import type { Clock } from '../platform/clock.ts';
import type { HttpTransport } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { KubeError } from './errors.ts';
import type { KubeObject, ObjectName, ResourceType } from './object.ts';
import {
  apiVersionOf,
  collectionPath,
  objectPath,
  queryOf,
  requestName,
  resourceName,
} from './path.ts';
import { createRequester, type Requester } from './requester.ts';
import { readWatch } from './watch-stream.ts';

export interface ListOptions {
  /** undefined = all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number;
  readonly continueToken?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'NotOlderThan' | 'Exact' | undefined;
}

export interface List<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Set when there is another page. */
  readonly continueToken?: string;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** When the server shall end the watch by itself. */
  readonly timeoutSeconds?: number;
  /** Starts with what exists, then a bookmark that says so (WatchList). */
  readonly sendInitialEvents?: boolean;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Says how far the watch has come; `object` holds metadata only. */
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly error: KubeError };

export interface Patch {
  /** merge: RFC 7386. apply: server-side apply, which needs a field manager. */
  readonly kind: 'merge' | 'apply';
  readonly body: object;
  readonly subresource?: 'status';
  readonly fieldManager?: string;
  /** Takes over fields that other managers own (apply only). */
  readonly force?: boolean;
}

export interface RemoveOptions {
  /** Refused with a conflict unless the object is still this one. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

export interface KubeClient {
  get<T extends KubeObject>(type: ResourceType, name: ObjectName, signal?: AbortSignal): Promise<T>;
  /** One page. */
  list<T extends KubeObject>(
    type: ResourceType,
    options: ListOptions,
    signal?: AbortSignal,
  ): Promise<List<T>>;
  /** Resolves once the server accepted; the events then end with the server, an error or `signal`. */
  watch<T extends KubeObject>(
    type: ResourceType,
    options: WatchOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<WatchEvent<T>>>;
  /** The namespace is that of the object. */
  create<T extends KubeObject>(type: ResourceType, object: T, signal?: AbortSignal): Promise<T>;
  patch<T extends KubeObject>(
    type: ResourceType,
    name: ObjectName,
    patch: Patch,
    signal?: AbortSignal,
  ): Promise<T>;
  remove(
    type: ResourceType,
    name: ObjectName,
    options?: RemoveOptions,
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface KubeClientOptions {
  /** Scheme, host, port and path prefix, without a slash at the end. */
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  /** For watches, which outlive every time-out of `transport`. */
  readonly watchTransport?: HttpTransport;
  /** Credentials; `fresh` asks for ones that do not come from a cache, after a 401. */
  readonly headers?: (ask: { fresh: boolean }) => Promise<Readonly<Record<string, string>>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly userAgent: string;
}

export function createKubeClient(options: KubeClientOptions): KubeClient {
  const requester = createRequester(options);
  return {
    ...readingCalls(requester),
    create: (type, object, signal) =>
      requester.send(
        {
          what: requestName('create', type, object.metadata),
          method: 'POST',
          path: collectionPath(type, object.metadata.namespace),
          body: object,
        },
        signal,
      ),
    patch: (type, name, patch, signal) =>
      requester.send(
        {
          what: requestName(patch.subresource ? 'patch the status of' : 'patch', type, name),
          method: 'PATCH',
          path: objectPath(type, name, patch.subresource),
          query: queryOf({ fieldManager: patch.fieldManager, force: patch.force }),
          body: patch.body,
          contentType: patchTypes[patch.kind],
        },
        signal,
      ),
    async remove(type, name, { uid, resourceVersion, propagationPolicy } = {}, signal) {
      await requester.send(
        {
          what: requestName('delete', type, name),
          method: 'DELETE',
          path: objectPath(type, name),
          body: {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            preconditions: { uid, resourceVersion },
            propagationPolicy,
          },
        },
        signal,
      );
    },
  };
}

/** JSON is YAML, so an apply patch needs no YAML writer. */
const patchTypes = {
  merge: 'application/merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

function readingCalls(requester: Requester): Pick<KubeClient, 'get' | 'list' | 'watch'> {
  return {
    get: (type, name, signal) =>
      requester.send(
        { what: requestName('read', type, name), method: 'GET', path: objectPath(type, name) },
        signal,
      ),
    async list<T extends KubeObject>(
      type: ResourceType,
      options: ListOptions,
      signal?: AbortSignal,
    ): Promise<List<T>> {
      const { namespace, continueToken, ...rest } = options;
      const list: RawList<T> = await requester.send(
        {
          what: `list ${resourceName(type)}`,
          method: 'GET',
          path: collectionPath(type, namespace),
          ...acceptOf(type, 'PartialObjectMetadataList'),
          query: queryOf({ ...rest, continue: continueToken }),
        },
        signal,
      );
      // Items of built-in kinds come without them.
      const head = { apiVersion: apiVersionOf(type), kind: type.kind };
      const next = list.metadata?.continue;
      return {
        items: (list.items ?? []).map((item) => ({ ...head, ...item })),
        resourceVersion: list.metadata?.resourceVersion ?? '',
        ...(next ? { continueToken: next } : {}),
      };
    },
    async watch(type, { namespace, sendInitialEvents, ...rest }, signal) {
      const what = `watch ${resourceName(type)}`;
      const response = await requester.open(
        {
          what,
          method: 'GET',
          path: collectionPath(type, namespace),
          ...acceptOf(type, 'PartialObjectMetadata'),
          query: queryOf({
            ...rest,
            watch: true,
            allowWatchBookmarks: true,
            sendInitialEvents,
            resourceVersionMatch: sendInitialEvents ? 'NotOlderThan' : undefined,
          }),
        },
        signal,
      );
      return readWatch(what, requester.baseUrl, response, signal);
    },
  };
}

function acceptOf({ metadataOnly }: ResourceType, as: string): { readonly accept?: string } {
  return metadataOnly ? { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` } : {};
}

interface RawList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}
