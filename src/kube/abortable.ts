/** Ends waits at the signal, whether or not what is waited for listens to it. */

/** Settles like `work`, but rejects with the signal's reason as soon as it is aborted. */
export function abortable<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The items of `source`, until it ends or the signal is aborted; the source is closed either way. */
export async function* abortableItems<T>(
  signal: AbortSignal,
  source: AsyncIterable<T>,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await abortable(signal, iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that is stuck in `next` would answer only after it.
    iterator.return?.().catch(() => {});
  }
}
