import { describe, expect, test } from 'vitest';
import { cronProblem } from '../../src/api/cron.ts';

// What Kubernetes says of the same text as a CronJob's schedule stands in the reasons; it was asked.
describe('a schedule is taken', () => {
  test.each([
    ['* * * * *'],
    ['0 6 * * *'],
    ['0  6 * * *'],
    ['00 06 01 01 00'],
    ['*/15 * * * *'],
    ['5/15 * * * *'],
    ['0-30/10,45 8-18 * * 1-5'],
    ['0 6 1 jan *'],
    ['0 6 * JAN,JUL MON-fri'],
    ['0 6 * * MON-5'],
    ['0 6 * * 0'],
    ['0 6 29 2 *'],
    ['0 0 30 2 *'],
    ['*/60 * * * *'],
    ['0 0 */31 * *'],
    ['0 6 * * */7'],
  ])('%s', (text) => {
    expect(cronProblem(text)).toBeUndefined();
  });
});

test('no schedule is none to complain about', () => {
  expect(cronProblem('')).toBeUndefined();
});

describe('a schedule is refused', () => {
  const shape = 'must be five cron fields in UTC';
  test.each([
    ['every day', shape, 'Kubernetes refuses it'],
    ['0 6 * *', shape, 'four fields'],
    ['0 0 6 * * *', shape, 'six fields: Kubernetes has no seconds'],
    ['@daily', shape, 'Kubernetes takes it, the service then shows no next run'],
    ['TZ=UTC 0 6 * * *', shape, 'Kubernetes refuses it'],
    ['0 6 ? * *', shape, 'Kubernetes takes it as *, other readers do not'],
    ['0 6 L * *', shape, 'Kubernetes refuses it, croner does not'],
    ['0 6 * * 1#2', shape, 'Kubernetes refuses it, croner does not'],
    ['0 6 * * 7', 'day of week 0-6', 'Kubernetes refuses it, croner does not'],
    ['0 6 * * 5-7', 'day of week 0-6', 'Kubernetes refuses it, croner does not'],
    ['60 * * * *', 'minute 0-59', 'Kubernetes refuses it'],
    ['0 24 * * *', 'hour 0-23', 'Kubernetes refuses it'],
    ['0 0 0 * *', 'day of month 1-31', 'Kubernetes refuses it'],
    ['0 0 * 13 *', 'month 1-12', 'Kubernetes refuses it'],
    ['MON * * * *', shape, 'a name in a field that has none'],
    ['0 0 * * 1,', shape, 'an empty item'],
    [' 0 6 * * *', shape, 'a blank in front'],
    ['30-10 * * * *', '"30-10" is no minute: write 0-59, ranges from low to high', 'backwards'],
    ['0 6 * * FRI-MON', '"FRI-MON" is no day of week', 'Kubernetes refuses it: backwards'],
    ['*/0 * * * *', 'steps of at least 1', 'Kubernetes refuses it: never moves on'],
    ['*/61 * * * *', '"*/61" is no minute', 'Kubernetes takes it and runs at 0 only: a mistake'],
    ['0 0 * MON *', '"MON" is no month: write 1-12 or JAN-DEC', 'a name of another field'],
    ['0 0 * * XYZ', '"XYZ" is no day of week', 'Kubernetes refuses it'],
    ['*/0 0 * XYZ *', '"*/0" is no minute', 'the first of two problems'],
    ['*/0 0 * XYZ *', '"XYZ" is no month', 'the second of two problems'],
  ])('%s', (text, says, why) => {
    expect(cronProblem(text), why).toContain(says);
  });
});

test('a long text is judged at once', () => {
  const startedAt = performance.now();
  expect(cronProblem('1,'.repeat(20_000))).toBeDefined();
  expect(cronProblem(`${'*/1,'.repeat(20_000)} `)).toBeDefined();
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
