import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duplicateFields } from '../../../src/sandbox/kube-api/duplicate-fields.ts';

test.each([
  { json: '{"a":1,"a":2}', is: ['a'] },
  { json: '{"a":{"b":1,"c":{"b":2},"b":3}}', is: ['a.b'] },
  { json: '{"a":[{"b":1},{"b":1,"b":2}]}', is: ['a[1].b'] },
  { json: '{"a":"\\"a\\":1","b":"}{,"}', is: [] },
  { json: '{"a":1,"\\u0061":2}', is: ['a'] },
  { json: '{"a":1,"a":2,"a":3}', is: ['a'] },
  { json: '[]', is: [] },
  { json: '{"a" : {"x": []} , "b" : [[{"c":1 , "c" :2}]]}', is: ['b[0][0].c'] },
])('$json has twice: $is', ({ json, is }) => {
  expect(duplicateFields(json)).toEqual(is);
});

test('a document that a program wrote has nothing twice', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(duplicateFields(JSON.stringify(JSON.parse(json)))).toEqual([]);
    }),
  );
});
