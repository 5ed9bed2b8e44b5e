/** A service with one trap broken does not pass: the case that it is meant for fails. */
import { expect, test } from 'vitest';
import { brokenTraps } from './broken-traps.ts';
import { conformanceCases } from './cases.ts';
import { createEmbeddedTarget } from './embedded.ts';
import { findFacts } from './facts.ts';
import { runCase } from './run.ts';

test.each(brokenTraps)('trap $trap: when $broken, "$caught" fails', async ({ caught, around }) => {
  const each = conformanceCases.find(({ name }) => name === caught);
  if (each === undefined) throw new Error('there is no such case');
  const kinds = [];
  for (const wrapped of [undefined, around]) {
    const target = createEmbeddedTarget({
      persistence: 'K8S',
      security: false,
      secrets: 'on',
      ...(wrapped === undefined ? {} : { around: wrapped }),
    });
    kinds.push((await runCase(target, await findFacts(target), each)).kind);
    target.service.close();
  }
  expect(kinds, 'without and with the trap broken').toEqual(['passed', 'failed']);
});
