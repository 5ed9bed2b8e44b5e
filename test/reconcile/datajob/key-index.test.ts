import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DataJob } from '../../../src/api/data-job.ts';
import { createKeyIndex } from '../../../src/reconcile/datajob/key-index.ts';
import { aDataJob, withSpec } from '../../support/data-jobs.ts';

const naming = (description: string) => aDataJob(withSpec({ description }));

test('it knows who names what, whatever came, changed its mind or went', () => {
  const anyMove = fc.record({
    key: fc.constantFrom('a/one', 'a/two', 'a/three'),
    name: fc.option(fc.constantFrom('first', 'second', 'none'), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(anyMove), (moves) => {
      const index = createKeyIndex(({ spec: { description } }) =>
        description === 'none' ? undefined : description,
      );
      const objects = new Map<string, DataJob>();
      for (const { key, name } of moves) {
        const after = name === undefined ? undefined : naming(name);
        index.moved(key, objects.get(key), after);
        if (after === undefined) objects.delete(key);
        else objects.set(key, after);
      }
      const keysOf = (name: string) =>
        [...objects].filter(([, each]) => each.spec.description === name).map(([key]) => key);
      const names = ['first', 'second'].filter((name) => keysOf(name).length > 0);
      expect([...index.names()].sort()).toEqual(names);
      for (const name of ['first', 'second']) {
        expect([...index.keysOf(name)].sort()).toEqual(keysOf(name).sort());
      }
      expect(index.keysOf('none')).toEqual([]);
    }),
  );
});
