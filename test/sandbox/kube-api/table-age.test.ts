import { expect, test } from 'vitest';
import { ageOf, humanDuration } from '../../../src/sandbox/kube-api/table-age.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const cases = [
  { ms: -5 * second, want: '<invalid>', why: 'the future is a broken clock' },
  { ms: -1 * second, want: '0s', why: 'a second of difference is forgiven' },
  { ms: 119 * second, want: '119s', why: 'seconds up to two minutes' },
  { ms: 2 * minute, want: '2m', why: 'a whole minute has no seconds' },
  { ms: 2 * minute + 5 * second, want: '2m5s', why: 'minutes and seconds up to ten' },
  { ms: 10 * minute + 5 * second, want: '10m', why: 'then minutes' },
  { ms: 179 * minute, want: '179m', why: 'up to three hours' },
  { ms: 3 * hour + 5 * minute, want: '3h5m', why: 'hours and minutes up to eight' },
  { ms: 8 * hour + 5 * minute, want: '8h', why: 'then hours' },
  { ms: 47 * hour, want: '47h', why: 'up to two days' },
  { ms: 50 * hour, want: '2d2h', why: 'days and hours up to eight' },
  { ms: 9 * day, want: '9d', why: 'then days' },
  { ms: 800 * day, want: '2y70d', why: 'years and days from two years' },
  { ms: 9 * 365 * day, want: '9y', why: 'then years' },
];

test.each(cases)('$why: $want', ({ ms, want }) => {
  expect(humanDuration(ms)).toBe(want);
});

test('an age without a time is unknown, with a wrong one invalid', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>');
  expect(ageOf(null, 0)).toBe('<unknown>');
  expect(ageOf('yesterday', 0)).toBe('<invalid>');
});
