import { expect, test } from 'vitest';
import {
  describeFieldErrors,
  invalid,
  required,
} from '../../../../src/sandbox/kube-api/schema/field-error.ts';

const values = [
  { value: 'a "b" \\c', want: '"a \\"b\\" \\\\c"', why: 'quotes are escaped' },
  { value: 'a\nb\tc', want: '"a\\nb\\tc"', why: 'a line break cannot forge a line' },
  { value: '\u0001\u0007', want: '"\\x01\\a"', why: 'control characters' },
  { value: '\u00a0\u2028', want: '"\\u00a0\\u2028"', why: 'what does not print' },
  { value: 'é 😀', want: '"é 😀"', why: 'what prints stays' },
  { value: 1.5, want: '1.5', why: 'numbers are bare' },
  { value: { b: 1, a: 2 }, want: '{"a":2,"b":1}', why: 'keys are sorted' },
  { value: undefined, want: 'null', why: 'nothing is null' },
];
test.each(values)('a value is shown as Go shows it: $why', ({ value, want }) => {
  expect(invalid('spec.x', value, 'no').message).toBe(`Invalid value: ${want}: no`);
});

test('one error reads as a sentence, several as a list, each once', () => {
  expect(describeFieldErrors([required('spec.team')])).toBe('spec.team: Required value');
  const two = [required('a'), required('b'), required('a')];
  expect(describeFieldErrors(two)).toBe('[a: Required value, b: Required value]');
});
