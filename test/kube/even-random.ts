/** Randomness without surprise: no jitter in either direction, ids that count. */
import type { Random } from '../../src/platform/random.ts';

export const evenRandom: Random = {
  next: () => 0.5,
  uuid: () => '00000000-0000-4000-8000-000000000000',
  hex: (bytes) => '0'.repeat(2 * bytes),
};
