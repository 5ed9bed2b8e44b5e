/**
 * Schedules: five cron fields in UTC. The service checks nothing, and a CronJob with a bad schedule
 * fails later and silently, so a schedule is accepted only where Kubernetes accepts it for a CronJob
 * and everybody who reads it understands the same.
 */
import { Cron } from 'croner';

/** Each field: what it is called, its values for a person, and its values as a pattern. */
const fields = [
  { name: 'minute', allowed: '0-59', pattern: '[0-5]?[0-9]' },
  { name: 'hour', allowed: '0-23', pattern: '[01]?[0-9]|2[0-3]' },
  { name: 'day of month', allowed: '1-31', pattern: '0?[1-9]|[12][0-9]|3[01]' },
  { name: 'month', allowed: '1-12 or JAN-DEC', pattern: '0?[1-9]|1[0-2]|[A-Za-z]{3}' },
  { name: 'day of week', allowed: '0-6 or SUN-SAT', pattern: '0?[0-6]|[A-Za-z]{3}' },
];

/** The rule that the API server can check: five fields with values in range, blanks between. */
export const cronShape = `^${fields.map(({ pattern }) => listOf(pattern)).join(' +')}$`;

const shape = new RegExp(cronShape);

/**
 * Numbers alone: the shape has checked all of it. The library would find the same, but it makes a
 * table of ten thousand years for each look, and every pass looks.
 */
const plain = /^[*0-9,]+$/;

/** What to do about a text that has not the shape. */
export const cronShapeAdvice =
  'must be five cron fields in UTC, like "0 6 * * *" for 06:00 every day: ' +
  `${fields.map(({ name, allowed }) => `${name} ${allowed}`).join(', ')}; ` +
  '"*", lists, ranges and steps are fine, seconds, time zones and macros like @daily are not; leave the ' +
  'schedule out where the job runs only on request';

/**
 * What is wrong with a schedule and what to write instead; undefined where nothing is. An empty one is
 * how the service says "never"; a manifest may not hold it, see the rule of the field.
 */
export function cronProblem(text: string): string | undefined {
  if (text === '') return undefined;
  if (!shape.test(text)) return cronShapeAdvice;
  const values = text.split(/ +/);
  if (values.every((value) => plain.test(value)) || isPattern(values)) return undefined;
  const problems = values.flatMap((value, index) => {
    const field = fields[index];
    return field === undefined || isField(value, index)
      ? []
      : [
          `"${value}" is no ${field.name}: write ${field.allowed}, ranges from low to high, steps of at least 1`,
        ];
  });
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** Whether a value of the right shape can stand in its field: names, order of ranges, steps. */
function isField(value: string, index: number): boolean {
  return isPattern(fields.map((_, other) => (other === index ? value : '*')));
}

function isPattern(values: readonly string[]): boolean {
  try {
    // Steps from one value ("5/15") are Kubernetes syntax; the library calls them sloppy.
    new Cron(values.join(' '), { mode: '5-part', timezone: 'UTC', sloppyRanges: true });
    return true;
  } catch {
    return false;
  }
}

/** Values, ranges and steps, separated by commas. */
function listOf(value: string): string {
  const item = `([*]|(${value})(-(${value}))?)(/[0-9]{1,2})?`;
  return `${item}(,${item})*`;
}
