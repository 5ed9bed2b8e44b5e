/** How long to stay away after failures in a row. Pure. */
import { jittered, type Random } from '../platform/random.ts';

export interface Backoff {
  /** After the first failure. */
  readonly baseMs: number;
  /** However many there were. */
  readonly maxMs: number;
}

/** So that those who failed together do not come back together. */
const jitterPart = 0.2;

/** Doubles with each failure (counted from 1), spread by ±20 %, never above `maxMs`. */
export function backoffMs({ baseMs, maxMs }: Backoff, failures: number, random: Random): number {
  const plainMs = Math.min(maxMs, baseMs * 2 ** (failures - 1));
  return Math.min(maxMs, jittered(random, plainMs, jitterPart));
}
