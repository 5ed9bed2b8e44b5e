import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  JsonProblem,
  lineAndColumn,
  parseJson,
  plainValue,
} from '../../../../src/sandbox/control-service/web/json.ts';

const parse = (text: string) => parseJson(text, (at) => `[${lineAndColumn(text, at)}]`);

test('what JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const node = parse(text);
      expect(node && JSON.stringify(plainValue(node))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

test('any text is read or refused with a problem, never worse', () => {
  const jsonLike = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0a1eE+-. \n\ttrufalsn') });
  fc.assert(
    fc.property(jsonLike, (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonProblem);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['{"a": 1', 'expected close marker for Object (start marker at [line: 1, column: 1])'],
  ['{"a"', 'Unexpected end-of-input within/between Object entries'],
  ['[1,', 'expected close marker for Array'],
  ['{"a', 'was expecting closing quote for a string value'],
  [
    '{a: 1}',
    "Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
  ],
  ['{"a" 1}', 'was expecting a colon'],
  ['{"a": 1 "b": 2}', 'was expecting comma to separate Object entries'],
  ['[1 2]', 'was expecting comma to separate Array entries'],
  ['{"a": nope}', "Unrecognized token 'nope'"],
  ['{"a": }', 'expected a valid value'],
  ['01', 'Expected space'],
  ['{"a": 1,}', 'was expecting double-quote to start field name'],
])('%s is refused with the words of the parser', (text, words) => {
  expect(() => parse(text)).toThrow(words);
});

test('the last of equal names counts, and what follows the value is not looked at', () => {
  const node = parse('{"a": 1, "a": 2} and more');
  expect(node && plainValue(node)).toEqual({ a: 2 });
});

test('a place is told by line and column', () => {
  expect(lineAndColumn('{\n  "a": x', 9)).toBe('line: 2, column: 8');
});
