/** All objects of a kind in one consistent list, page by page. All of it or an error. */
import { KubeError } from './errors.ts';
import type { KubeObject } from './object.ts';
import type { ReflectorOptions } from './reflector.ts';
import { trimmed } from './trim.ts';

/** What client-go uses; larger pages cost the server memory, smaller ones cost round trips. */
const pageSize = 500;
/** A million objects: more is a server whose pages do not end. */
const pagesMax = 2_000;

/**
 * `fromCache`: any state the server has at hand will do, which costs it nothing. Only for the
 * first list: a later one could travel back in time behind what we have already seen.
 */
export async function listAll<T extends KubeObject>(
  { client, type, namespace, labelSelector }: ReflectorOptions<T>,
  fromCache: boolean,
  signal: AbortSignal,
): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
  const items: T[] = [];
  let limit = pageSize;
  let isCacheFine = fromCache;
  let version: string | undefined;
  let continueToken: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const resourceVersion = isCacheFine && items.length === 0 ? '0' : undefined;
    const options = { namespace, labelSelector, limit, continueToken, resourceVersion };
    let list: Awaited<ReturnType<typeof client.list<T>>>;
    try {
      list = await client.list<T>(type, options, signal);
    } catch (error) {
      if (!isTooLarge(error) || limit === 1) throw error;
      // From its cache, a server gives everything at once, whatever the limit.
      if (!isCacheFine) limit = Math.ceil(limit / 8);
      isCacheFine = false;
      continue;
    }
    signal.throwIfAborted();
    for (const item of list.items) items.push(trimmed(item));
    version ??= list.resourceVersion;
    continueToken = list.continueToken;
    if (continueToken === undefined) return { items, resourceVersion: version };
  }
  throw new KubeError('transient', 'EndlessList', `The list of ${type.plural} does not end.`);
}

/** Objects of a megabyte each: fewer of them at a time. */
function isTooLarge(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'AnswerTooLarge';
}
