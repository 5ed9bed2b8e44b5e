import { expect, test } from 'vitest';
import {
  isKubernetesCron,
  nextRunEpochSeconds,
  nextRunMs,
} from '../../../src/sandbox/control-service/cron.ts';

test.each([
  ['0 1 * * *', true, 'a plain one'],
  ['*/5 0-12/2 1,15 jan-mar MON', true, 'steps, ranges, lists and names'],
  ['? * * * ?', true, 'a question mark stands for any'],
  ['@hourly', true, 'a macro'],
  ['@every 90m', true, 'an interval'],
  ['every day', false, 'no cron'],
  ['* * * *', false, 'four fields'],
  ['* * * * * *', false, 'six fields'],
  ['60 * * * *', false, 'a minute that there is not'],
  ['* * 0 * *', false, 'days start at 1'],
  ['* * * * 7', false, 'Sunday is 0 here'],
  ['10-5 * * * *', false, 'a range backwards'],
  ['*/0 * * * *', false, 'a step of nothing'],
  ['* * L * *', false, 'an extension of other crons'],
  ['@reboot', false, 'a macro that needs a machine'],
])('the cluster takes "%s": %s', (schedule, taken, why) => {
  expect(isKubernetesCron(schedule), why).toBe(taken);
});

const now = Date.UTC(2026, 10, 24, 8, 43);

test('the day of the month and that of the week each make a run, in UTC', () => {
  // The 5th of August or a Monday in it, whichever is first: the value that the real service gave.
  expect(nextRunEpochSeconds('11 23 5 8 1', now)).toBe(1817248260);
});

test.each([
  [null, 'nothing'],
  ['', 'nothing'],
  ['@hourly', 'a macro runs, but is no UNIX cron'],
  ['every day', 'no cron'],
])('the next run of %s shows as -1: %s', (schedule, why) => {
  expect(nextRunEpochSeconds(schedule, now), why).toBe(-1);
});

test('the 30th of February never comes', () => {
  expect(nextRunMs('0 0 30 2 *', now)).toBeUndefined();
});
