import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeap } from '../../src/kube/heap.ts';

test('items come out in order, whenever they were put in', () => {
  // A number is put in, undefined takes one out.
  const anySteps = fc.array(fc.option(fc.nat({ max: 50 }), { nil: undefined }));
  fc.assert(
    fc.property(anySteps, (steps) => {
      const heap = createHeap<number>((a, b) => a < b);
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) expect(heap.pop()).toBe(model.shift());
        else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect([heap.peek(), heap.size]).toEqual([model[0], model.length]);
      }
    }),
  );
});
