/** Randomness that a seed repeats: the same numbers, ids and tokens in each run. */
import type { Random } from '../../src/platform/random.ts';

/** Mulberry32: small, fast, and good enough to spread test cases. */
export function createSeededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (bytes: number) =>
    Array.from({ length: bytes * 2 }, () => Math.floor(next() * 16).toString(16)).join('');
  return {
    next,
    hex,
    uuid: () => {
      const digits = hex(16);
      return [8, 12, 16, 20, 32]
        .map((end, part) => digits.slice(([0, 8, 12, 16, 20] as const)[part], end))
        .join('-');
    },
  };
}
