import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LabelSelectorError,
  labelSelectorText,
  parseLabelSelector,
  selectsLabels,
} from '../../src/kube/label-selector.ts';

const normal = (selector: string) => labelSelectorText(parseLabelSelector(selector));
const selects = (selector: string, labels: Record<string, string>) =>
  selectsLabels(parseLabelSelector(selector), labels);

describe('selectors that mean the same have one text', () => {
  test.each([
    { given: '', want: '', why: 'everything' },
    { given: 'a', want: 'a', why: 'exists' },
    { given: '!  a', want: '!a', why: 'spaces after the mark' },
    { given: ' b = x ,a', want: 'a,b=x', why: 'order of requirements' },
    { given: 'a==b', want: 'a=b', why: 'the other sign' },
    { given: 'a in (b)', want: 'a=b', why: 'a set of one' },
    { given: 'a notin ( b )', want: 'a!=b', why: 'all but one' },
    { given: 'a in (c, b,c)', want: 'a in (b,c)', why: 'order of values' },
    { given: 'a\tnotin(c,b)', want: 'a notin (b,c)', why: 'no space where none is needed' },
    { given: 'a in ()', want: 'a=', why: 'the empty value, as the API server reads it' },
    { given: 'a in (b,,)', want: 'a in (,b)', why: 'the empty value among others' },
    { given: 'a> 5,a <9', want: 'a<9,a>5', why: 'numbers' },
    { given: 'a,a', want: 'a', why: 'said twice' },
    { given: 'in in (in,notin)', want: 'in in (in,notin)', why: 'words that are names as well' },
    { given: '!example.com/shard', want: '!example.com/shard', why: 'a key with a domain' },
  ])('$given is $want: $why', ({ given, want }) => {
    expect(normal(given)).toBe(want);
    expect(normal(want)).toBe(want);
  });

  test('and others have another one', () => {
    const all = ['a', '!a', 'a=b', 'a!=b', 'a in (b,c),d', 'a in (b,c,d)', 'a notin (b,c)', 'ain'];
    expect(new Set(all.map(normal)).size).toBe(all.length);
  });

  test('and select the same, whatever the labels', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const space = fc.constantFrom('', ' ', '\t');
    const values = fc.array(name, { minLength: 1, maxLength: 3 }).map((all) => `(${all})`);
    const requirement = fc.oneof(
      name,
      name.map((key) => `!${key}`),
      fc.tuple(name, fc.constantFrom('=', '==', '!='), space, name).map((all) => all.join('')),
      fc.tuple(name, fc.constantFrom(' in', ' notin'), space, values).map((all) => all.join('')),
    );
    const selector = fc.array(requirement, { minLength: 1, maxLength: 3 }).map((all) => all.join());
    fc.assert(
      fc.property(selector, fc.dictionary(name, name), (text, labels) => {
        expect(selects(normal(text), labels)).toBe(selects(text, labels));
      }),
    );
  });
});

test.each([
  { selector: 'a=b', labels: { a: 'b' }, want: true },
  { selector: 'a=b', labels: {}, want: false },
  { selector: 'a!=b', labels: {}, want: true },
  { selector: '!a', labels: { a: '' }, want: false },
  { selector: 'a', labels: { a: '' }, want: true },
  { selector: 'a in (b,c),d', labels: { a: 'c' }, want: false },
  { selector: 'a>5', labels: { a: '10' }, want: true },
  { selector: 'a>5', labels: { a: 'x' }, want: false },
])('$selector on $labels: $want', ({ selector, labels, want }) => {
  expect(selects(selector, labels as Record<string, string>)).toBe(want);
});

/** What a kube-apiserver 1.37 answered, and so with each selector that it took: "in ()", "a=", "in". */
describe('what the API server refuses is refused in its words', () => {
  const requirement = 'unable to parse requirement: ';
  test.each([
    ['a=b=c', `found '=', expected: ',' or 'end of string'`],
    ['a,', `found '', expected: identifier after ','`],
    ['a,,b', `found ',', expected: identifier after ','`],
    [',a', `found ',', expected: !, identifier, or 'end of string'`],
    ['(a)', `found '(', expected: !, identifier, or 'end of string'`],
    ['!', `${requirement}found '', expected: identifier`],
    ['!a=b', `found '=', expected: ',' or 'end of string'`],
    ['!!a', `${requirement}found '!', expected: identifier`],
    ['a in', `${requirement}found '' expected: '('`],
    ['a in b', `${requirement}found 'b' expected: '('`],
    ['a in (', `${requirement}found '', expected: ',', ')' or identifier`],
    ['a in (b', `${requirement}found '', expected: ',' or ')'`],
    ['a in (b c)', `${requirement}found 'c', expected: ',' or ')'`],
    ['a in (b,!c)', `${requirement}found '!', expected: ',', or identifier`],
    ['a in (b))', `found ')', expected: ',' or 'end of string'`],
    ['a b', `${requirement}found 'b', expected: in, notin, =, ==, !=, gt, lt`],
    ['a!b', `${requirement}found '!', expected: in, notin, =, ==, !=, gt, lt`],
    ['a toString b', `${requirement}found 'toString', expected: in, notin, =, ==, !=, gt, lt`],
    ['a===b', `${requirement}found '=', expected: identifier`],
    ['a=!b', `${requirement}found '!', expected: identifier`],
    [
      'a>x',
      `${requirement}values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      'a>9223372036854775808',
      `${requirement}values[0]: Invalid value: "9223372036854775808": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['/a', `${requirement}<nil>: Invalid value: "/a": prefix part must be non-empty`],
    [
      'x'.repeat(64),
      `${requirement}<nil>: Invalid value: "${'x'.repeat(64)}": name part must be no more than 63 bytes`,
    ],
    [
      `a=${'x'.repeat(64)}`,
      `${requirement}values[0][a]: Invalid value: "${'x'.repeat(64)}": must be no more than 63 bytes`,
    ],
  ])('%s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(new LabelSelectorError(message));
  });

  test.each([
    ['-a', 'Invalid value: "-a": name part must consist of'],
    ['a/', 'name part must be non-empty; name part must consist of'],
    ['x/y/z', 'with an optional DNS subdomain prefix'],
    ['A_/b', 'prefix part a lowercase RFC 1123 subdomain must'],
    ['a=b/c', 'values[0][a]: Invalid value: "b/c": a valid label must be'],
    ['a in (c-,b-)', `[values[0][a]: Invalid value: "b-": a valid label must be`],
    ['a>-5', 'values[0][a]: Invalid value: "-5": a valid label must be'],
  ])('%s, at length', (selector, part) => {
    expect(() => parseLabelSelector(selector)).toThrow(part);
  });
});
