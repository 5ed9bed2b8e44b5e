/** The age of what was written down earlier, perhaps by another machine's clock. Pure. */

/** So far the clocks of two machines may lie apart. */
const clockSkewMs = 5 * 60_000;

/** Not older than that; nor of a clock that has been set back since, so that it says nothing. */
export function isWithin(limitMs: number, sinceMs: number, nowMs: number): boolean {
  const ageMs = nowMs - sinceMs;
  return ageMs >= -clockSkewMs && ageMs <= limitMs;
}
