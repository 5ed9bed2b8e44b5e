import { expect, test } from 'vitest';
import { createContainment, type Guilt } from '../src/operator-watch.ts';

const signal = new AbortController().signal;

/** One object, in version 2, and whether its pass fails. */
function anObject(guilt?: Guilt, fails = false) {
  const said: string[] = [];
  const containment = createContainment(
    {
      begins: (key, version) => void said.push(`${key} begins in ${version}`),
      ends: (key) => void said.push(`${key} ends`),
      suspects: [],
      guilty: new Map(guilt && [['a/one', guilt]]),
    },
    () => '2',
  );
  const handle = containment.around(async () => {
    said.push('works');
    if (fails) throw new Error('a bug');
    return { requeueAfterMs: 5 };
  });
  return { said, handle, objection: () => containment.objectionTo('a/one')?.reason };
}

test('every pass is told before it begins and after it ended, whichever way', async () => {
  const good = anObject();
  expect(await good.handle('a/one', signal)).toEqual({ requeueAfterMs: 5 });
  const bad = anObject(undefined, true);
  await expect(bad.handle('a/one', signal)).rejects.toThrow('a bug');
  for (const { said } of [good, bad]) {
    expect(said).toEqual(['a/one begins in 2', 'works', 'a/one ends']);
  }
});

test.each([
  ['of an object that nobody accuses', undefined, undefined, true],
  ['of another version than the guilty one', { version: '1', mayTell: false }, undefined, true],
  [
    'that may only tell why it is left alone',
    { version: '2', mayTell: true },
    'OperatorBlocked',
    true,
  ],
  ['that may not even do that', { version: '2', mayTell: false }, 'OperatorBlocked', false],
] as const)('a pass %s', async (_, guilt, reason, runs) => {
  const { said, handle, objection } = anObject(guilt);
  expect(objection()).toBe(reason);
  await handle('a/one', signal);
  expect(said.includes('works')).toBe(runs);
});
