import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePatchOf } from '../../src/kube/merge-patch.ts';

test.each([
  { why: 'nothing differs', from: { a: 1 }, to: { a: 1 }, want: undefined },
  { why: 'a member that is undefined is missing', from: {}, to: { a: undefined }, want: undefined },
  { why: 'what goes is null', from: { a: 1, b: 2 }, to: { b: 2 }, want: { a: null } },
  {
    why: 'only what differs',
    from: { a: { b: 1, c: 1 } },
    to: { a: { b: 1, c: 2 } },
    want: { a: { c: 2 } },
  },
  { why: 'lists are whole', from: { a: [1, 2] }, to: { a: [1, 3] }, want: { a: [1, 3] } },
  {
    why: 'equal lists are equal',
    from: { a: [{ b: [1] }] },
    to: { a: [{ b: [1] }] },
    want: undefined,
  },
  { why: 'a list is no object', from: { a: [] }, to: { a: {} }, want: { a: {} } },
])('$why', ({ from, to, want }) => {
  expect(mergePatchOf(from, to)).toEqual(want);
});

/** RFC 7386, as it is written there. */
function applied(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = applied(result[name], value);
  }
  return result;
}

test('the patch turns the one document into the other, and is nothing exactly when they are equal', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer()));
  const name = fc.constantFrom('a', 'b', 'c');
  const { document } = fc.letrec((tie) => ({
    document: fc.dictionary(name, fc.oneof({ maxDepth: 3 }, leaf, tie('document')), { maxKeys: 3 }),
  }));
  fc.assert(
    fc.property(document, document, (from, to) => {
      const patch = mergePatchOf(from, to);
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
      expect(plain(patch === undefined ? from : applied(from, patch))).toEqual(plain(to));
    }),
  );
});
