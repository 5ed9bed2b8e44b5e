/**
 * Long loops in bounded pieces, with a turn of the event loop in between: whoever waits for a timer
 * or an answer meanwhile gets it. A piece is a count and not a time, so equal runs stay equal.
 */
import { type Clock, sleep } from './clock.ts';

/** Of what takes some hundredths of a millisecond each. */
const sliceMax = 500;

/** Calls `each` for all items; rejects, with items left, as soon as a pause is ended by `signal`. */
export async function inSlices<T>(
  clock: Clock,
  items: Iterable<T>,
  signal: AbortSignal,
  each: (item: T) => void,
): Promise<void> {
  let count = 0;
  for (const item of items) {
    if (count > 0 && count % sliceMax === 0) await sleep(clock, 0, signal);
    count += 1;
    each(item);
  }
}
