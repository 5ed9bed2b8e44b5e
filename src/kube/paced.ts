/**
 * Work that leaves others their turn. A run that has nothing to wait for ends at once, and then the
 * next one begins at once: ten thousand of them in a row would be one long block of the event loop.
 */
import { type Clock, sleep } from '../platform/clock.ts';

/** Of a quarter of a millisecond each, more with large sources. Counted, so equal runs stay equal. */
const runsAtOnceMax = 20;

export function paced<Args extends readonly unknown[], Result>(
  clock: Clock,
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let left = runsAtOnceMax;
  /** One for all, so that whoever waits does not begin a piece of his own. */
  let pause: Promise<void> | undefined;
  const takeBreath = async () => {
    await sleep(clock, 0);
    left = runsAtOnceMax;
    pause = undefined;
  };
  return async (...args) => {
    while (left === 0) {
      pause ??= takeBreath();
      await pause;
    }
    left -= 1;
    return await work(...args);
  };
}
