/** All objects of a kind in one consistent list, page by page, to its end or an error. */
import { KubeError } from './errors.ts';
import type { KubeObject } from './object.ts';
import type { ReflectorOptions } from './reflector.ts';

/** What client-go uses; larger pages cost the server memory, smaller ones cost round trips. */
const pageSize = 500;
/** A million objects: more is a server whose pages do not end. */
const pagesMax = 2_000;

/**
 * Every item once, in one consistent state: `take` gets them page by page. Returns the version of
 * that state. It is not asked for at version 0, "whatever is at hand": a server gives that from its
 * cache without regard to the limit, and all objects in one answer would block the event loop; and
 * it may lie behind what we have seen already.
 */
export async function listAll<T extends KubeObject>(
  { client, type, namespace, labelSelector }: ReflectorOptions<T>,
  take: (item: T) => void,
  signal: AbortSignal,
): Promise<string> {
  let limit = pageSize;
  let version: string | undefined;
  let continueToken: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const options = { namespace, labelSelector, limit, continueToken };
    let list: Awaited<ReturnType<typeof client.list<T>>>;
    try {
      list = await client.list<T>(type, options, signal);
    } catch (error) {
      if (!isTooLarge(error) || limit === 1) throw error;
      limit = Math.ceil(limit / 8);
      continue;
    }
    signal.throwIfAborted();
    for (const item of list.items) take(item);
    version ??= list.resourceVersion;
    continueToken = list.continueToken;
    if (continueToken === undefined) return version;
  }
  throw new KubeError('transient', 'EndlessList', `The list of ${type.plural} does not end.`);
}

/** Objects of a megabyte each: fewer of them at a time. */
function isTooLarge(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'AnswerTooLarge';
}
