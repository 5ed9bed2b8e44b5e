import { expect, test } from 'vitest';
import { paced } from '../../src/kube/paced.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** Eight workers, as a queue has them; how many runs began from pause to pause. */
async function piecesOf(count: number, work: () => Promise<void>): Promise<readonly number[]> {
  const clock = createManualClock();
  const pauses: number[] = [];
  let begun = 0;
  const watched: Clock = {
    ...clock,
    after(ms, task) {
      pauses.push(begun);
      return clock.after(ms, task);
    },
  };
  const run = paced(watched, async () => {
    begun += 1;
    await work();
  });
  let left = count;
  const worker = async () => {
    for (; left > 0; await run().catch(() => {})) left -= 1;
  };
  const all = Promise.all(Array.from({ length: 8 }, worker));
  await clock.advance(0);
  await all;
  expect(begun).toBe(count);
  return [...pauses, count].map((at, index) => at - (pauses[index - 1] ?? 0));
}

test.each([
  { name: 'end at once', work: async () => {} },
  { name: 'fail at once', work: () => Promise.reject(new Error('x')) },
])('however many runs are due that $name, others have their turn in between', async ({ work }) => {
  const pieces = await piecesOf(1_000, work);
  expect(pieces).toHaveLength(1_000 / 20);
  expect(Math.max(...pieces)).toBe(20);
});
