/** Randomness as a dependency: jitter and ids. Seeded in tests and the simulation. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Random {
  /** In [0, 1), for jitter. */
  next(): number;
  /** A UUID, version 4. */
  uuid(): string;
  /** `bytes` random bytes in hex, for tokens and operation ids. */
  hex(bytes: number): string;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};

/** `ms` spread by ±`part` (0.1 = 10 %), so that many waiters do not come back at one moment. */
export function jittered(random: Random, ms: number, part: number): number {
  return ms * (1 + part * (2 * random.next() - 1));
}
