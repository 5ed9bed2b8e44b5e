/** Tasks that live and end as one. */

/**
 * Runs tasks side by side until all have ended. The first that fails stops the others, and its
 * error is thrown once they have ended too: nothing is left running behind the caller's back.
 */
export async function together(
  signal: AbortSignal,
  start: (signal: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const tasks = start(AbortSignal.any([signal, failed.signal]));
  for (const task of tasks) task.catch((error: unknown) => failed.abort(error));
  await Promise.allSettled(tasks);
  if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason;
}

/** Resolves when `signal` is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
