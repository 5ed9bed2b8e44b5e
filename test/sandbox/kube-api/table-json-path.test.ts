import { expect, test } from 'vitest';
import { parseJsonPath } from '../../../src/sandbox/kube-api/table-json-path.ts';

const object = {
  a: { 'b.c': 1, "it's": 2, d: [10, 20, 30] },
  conditions: [
    { type: 'Ready', status: 'True', n: 1 },
    { type: 'Synced', status: 'False' },
  ],
};

const cases = [
  { path: '.a.d', want: [[10, 20, 30]], why: 'names' },
  { path: '.a.b\\.c', want: [1], why: 'an escaped dot is part of the name' },
  { path: "['a']['b.c']", want: [1], why: 'names in brackets' },
  { path: ".a['it\\'s']", want: [2], why: 'an escaped quote' },
  { path: '.a.d[1]', want: [20], why: 'an index' },
  { path: '.a.d[-1]', want: [30], why: 'an index from the end' },
  { path: '.a.d[-1:]', want: [30], why: 'a slice from the end' },
  { path: '.a.d[0:2]', want: [10, 20], why: 'a slice' },
  { path: '.a.d[*]', want: [10, 20, 30], why: 'all elements' },
  { path: '.conditions[*].type', want: ['Ready', 'Synced'], why: 'a name below all elements' },
  { path: '.conditions[?(@.type=="Ready")].status', want: ['True'], why: 'the usual filter' },
  { path: ".conditions[?(@.type == 'Ready')].status", want: ['True'], why: 'other quotes, blanks' },
  { path: '.conditions[?(@.type!="Ready")].status', want: ['False'], why: 'unequal' },
  { path: '.conditions[?(@.n==1)].type', want: ['Ready'], why: 'numbers' },
  { path: '.conditions[?(@.n)].type', want: ['Ready'], why: 'the field is there' },
  { path: '.nope.deeper', want: [], why: 'a missing key finds nothing' },
  { path: '.constructor', want: [], why: 'inherited names are no keys' },
  { path: 'spec.x', want: undefined, why: 'the dot in front is required' },
  { path: '.spec[?(@.x', want: undefined, why: 'an open bracket' },
];

test.each(cases)('$path: $why', ({ path, want }) => {
  expect(parseJsonPath(path)?.(object)).toEqual(want);
});
