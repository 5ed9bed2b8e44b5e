import { expect, test, vi } from 'vitest';
import { createKernel } from './kernel.ts';

const never = () => false;

test('what is due first runs first, and time stands where the last of it was due', async () => {
  const kernel = createKernel({ seed: 1 });
  const ran: string[] = [];
  kernel.after(20, () => ran.push(`late at ${kernel.clock.elapsed()}`));
  kernel.after(10, () => ran.push(`soon at ${kernel.clock.elapsed()}`));
  await kernel.runUntil(never, 15);
  expect(ran).toEqual(['soon at 10']);
  await kernel.runUntil(never, 15);
  expect(ran).toEqual(['soon at 10', 'late at 20']);
  expect(kernel.clock.elapsed()).toBe(30);
});

test('what is due at one moment runs in the order of the seed, each seed in its own', async () => {
  const orderOf = async (seed: number) => {
    const kernel = createKernel({ seed });
    const ran: number[] = [];
    for (let index = 0; index < 6; index += 1) kernel.after(5, () => ran.push(index));
    await kernel.runUntil(never, 5);
    return ran.join();
  };
  expect(await orderOf(1)).toBe(await orderOf(1));
  const orders = await Promise.all([1, 2, 3, 4, 5].map(orderOf));
  expect(new Set(orders).size).toBeGreaterThan(1);
});

test('promise chains end before time moves, however long they are', async () => {
  const kernel = createKernel({ seed: 1 });
  let seenAt = -1;
  kernel.after(1, () => {
    void (async () => {
      for (let turn = 0; turn < 1_000; turn += 1) await undefined;
      seenAt = kernel.clock.elapsed();
    })();
  });
  kernel.after(1.001, () => {});
  await kernel.runUntil(never, 10);
  expect(seenAt).toBe(1);
});

test('work that is tracked holds time even over turns of the event loop', async () => {
  const kernel = createKernel({ seed: 1 });
  const turns = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return kernel.clock.elapsed();
  };
  let endedAt: number | undefined;
  kernel.after(1, () => {
    void kernel.track(turns()).then((at) => {
      endedAt = at;
    });
  });
  kernel.after(2, () => {});
  await kernel.runUntil(never, 10);
  expect(endedAt).toBe(1);
});

test('the timers of the dead vanish, and those that wait can be counted', async () => {
  const kernel = createKernel({ seed: 1 });
  let isDead = false;
  const clock = kernel.ownClock(() => isDead);
  const task = vi.fn();
  clock.after(10, task);
  const cancel = clock.after(20, task);
  expect(clock.waiting()).toBe(2);
  cancel();
  expect(clock.waiting()).toBe(1);
  isDead = true;
  await kernel.runUntil(never, 100);
  expect(task).not.toHaveBeenCalled();
  expect(clock.waiting()).toBe(0);
});

test('a jump of the wall clock moves no timer, and only the clocks of operators', async () => {
  const kernel = createKernel({ seed: 1 });
  const clock = kernel.ownClock(never);
  const before = clock.now();
  kernel.jumpWallClock(-3_600_000);
  expect(clock.now()).toBe(before - 3_600_000);
  expect(kernel.clock.now()).toBe(before);
  expect(clock.elapsed()).toBe(0);
});

test('nothing due while somebody waits is told, and so is a loop that no time passes in', async () => {
  const onNothingDue = vi.fn();
  const idle = createKernel({ seed: 1, onNothingDue });
  await idle.runUntil(never, 10);
  expect(onNothingDue).toHaveBeenCalledOnce();

  const busy = createKernel({ seed: 1 });
  const again = () => void busy.after(0, again);
  again();
  await expect(busy.runUntil(never, 10)).rejects.toThrow(/busy loop/);
});

test('the hash is over every line and its time', async () => {
  const hashOf = async (line: string, waitMs: number) => {
    const kernel = createKernel({ seed: 1 });
    await kernel.runUntil(never, waitMs);
    kernel.note(line);
    return kernel.hash();
  };
  expect(await hashOf('a', 5)).toBe(await hashOf('a', 5));
  expect(await hashOf('a', 5)).not.toBe(await hashOf('b', 5));
  expect(await hashOf('a', 5)).not.toBe(await hashOf('a', 6));
});
