import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/api/duration.ts';

test.each([
  ['0', 0],
  ['0s', 0],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['2.s', 2000],
  ['250ms', 250],
  ['1500us', 1.5],
  ['1µs', 0.001],
  ['1000000ns', 1],
  ['30m1h', 5_400_000],
])('%s is %d ms, as in Go', (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each([
  ['', 'nothing'],
  ['10', 'no unit'],
  ['m', 'no number'],
  ['.s', 'a point is no number'],
  ['-5m', 'nobody waits a negative time'],
  ['+5m', 'one way to write it'],
  ['1h 30m', 'no blanks'],
  ['1d', 'days have no fixed length'],
  ['5M', 'units are in lower case'],
  ['5mx', 'nothing may follow'],
  ['x5m', 'nothing may stand in front'],
  ['1e3s', 'no exponents'],
])('"%s" is no duration: %s', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

const part = fc.record({ value: fc.nat(10_000), unit: fc.constantFrom('h', 'm', 's', 'ms') });
const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

test('a duration is the sum of its parts, in any order', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const text = (list: typeof parts) => list.map(({ value, unit }) => value + unit).join('');
      const sum = parts.reduce(
        (total, { value, unit }) => total + value * unitMs[unit as keyof typeof unitMs],
        0,
      );
      expect(parseDuration(text(parts))).toBe(sum);
      expect(parseDuration(text(parts.toReversed()))).toBe(sum);
    }),
  );
});

test('no text makes it throw, and what it takes is a number from zero up', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'0123456789.hmsuµn-+ e') });
  fc.assert(
    fc.property(noise, (text) => {
      const ms = parseDuration(text);
      return ms === undefined || ms >= 0;
    }),
  );
});
