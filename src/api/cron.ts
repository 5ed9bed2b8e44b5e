/**
 * Schedules: five cron fields in UTC, read as Kubernetes reads the schedule of a CronJob. The
 * service checks nothing and a CronJob with a bad schedule only fails later and silently, so a
 * schedule is accepted only when all who read it understand the same.
 */
import { Cron } from 'croner';

/** The shape: five fields of numbers, three-letter names, `*`, `,`, `-` and `/`, blanks between. */
export const cronShape = (() => {
  const value = '([0-9]{1,2}|[A-Za-z]{3})';
  const item = `([*]|${value}(-${value})?)(/[0-9]{1,2})?`;
  const field = `${item}(,${item})*`;
  return `^${field}( +${field}){4}$`;
})();

/** What to do about a text that has not the shape. */
export const cronShapeAdvice =
  'must be five cron fields (minute, hour, day of month, month, day of week) in UTC, like "0 6 * * *" for ' +
  '06:00 every day: write numbers, *, commas, ranges, steps or names like MON, no @daily, seconds or ' +
  'time zone; leave schedule out for a job that runs only on request';

/** What is wrong with a schedule and what to write instead; undefined where nothing is. */
export function cronProblem(text: string): string | undefined {
  if (!new RegExp(cronShape).test(text))
    return `The schedule "${shorten(text)}" ${cronShapeAdvice}.`;
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = text.split(/ +/);
  if ([minute, hour, dayOfMonth].some((field) => /[A-Za-z]/.test(field))) {
    return `The schedule "${text}" has a name where only numbers are understood: write names like MON or JAN only as month (fourth field) or day of week (fifth field).`;
  }
  if (/(^|[,-])0?7/.test(dayOfWeek)) {
    return `The schedule "${text}" has 7 as a day of the week: write 0 or SUN for Sunday; the days are 0 to 6.`;
  }
  try {
    // Steps from one value ("5/15") are Kubernetes syntax; the library calls them sloppy.
    new Cron(text, { mode: '5-part', timezone: 'UTC', sloppyRanges: true });
    return undefined;
  } catch {
    return `The schedule "${text}" cannot be kept: write minute 0-59, hour 0-23, day of month 1-31, month 1-12 and day of week 0-6, ranges from low to high, steps of at least 1 and at most the field's size. Month is "${month}" here, day of week "${dayOfWeek}".`;
  }
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
