/** Schedules: what Kubernetes takes for one, and when it runs next. */
import { Cron } from 'croner';

const macros = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/;
const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const days = 'sun|mon|tue|wed|thu|fri|sat';

/** Lowest and highest value of each of the five fields, and the names it knows. */
const fields = [
  { low: 0, high: 59, names: '' },
  { low: 0, high: 23, names: '' },
  { low: 1, high: 31, names: '' },
  { low: 1, high: 12, names: months },
  { low: 0, high: 6, names: days },
] as const;

/** Whether Kubernetes takes the text as the schedule of a CronJob. */
export function isKubernetesCron(schedule: string): boolean {
  if (schedule.startsWith('@')) return macros.test(schedule);
  return isFiveFields(schedule);
}

/** Five UNIX fields; no macros. */
function isFiveFields(schedule: string): boolean {
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== fields.length) return false;
  return parts.every((part, index) => part.split(',').every((term) => isTerm(term, index)));
}

function isTerm(term: string, index: number): boolean {
  const field = fields[index];
  if (field === undefined) return false;
  const [range = '', step, ...more] = term.toLowerCase().split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === '*' || range === '?') return true;
  const [from, to, ...rest] = range.split('-').map((value) => fieldValue(value, field));
  if (rest.length > 0 || from === undefined || Number.isNaN(from)) return false;
  if (to === undefined) return from >= field.low && from <= field.high;
  return from >= field.low && to <= field.high && from <= to;
}

function fieldValue(text: string, field: (typeof fields)[number]): number {
  const named = field.names.split('|').indexOf(text);
  if (named >= 0 && text !== '') return field.low + named;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** The next run after `afterMs`, in UTC; undefined when there is none. */
export function nextRunMs(schedule: string, afterMs: number): number | undefined {
  if (schedule.startsWith('@every')) return undefined;
  try {
    const cron = new Cron(schedule.replaceAll('?', '*'), { timezone: 'UTC', paused: true });
    return cron.nextRun(new Date(afterMs))?.getTime();
  } catch {
    return undefined;
  }
}

/** What GraphQL shows: epoch seconds that fit an integer, else -1. */
export function nextRunEpochSeconds(schedule: string | null, nowMs: number): number {
  if (schedule === null || !isFiveFields(schedule)) return -1;
  const next = Math.trunc((nextRunMs(schedule, nowMs) ?? -1000) / 1000);
  return next > 2 ** 31 - 1 ? -1 : next;
}
