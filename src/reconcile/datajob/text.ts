/** Values and differences as people read them: short, on one line, nothing but text. */
import type { Action, Change } from './model.ts';

/** A description can have 2,000 characters; a sentence about it needs the first few. */
const valueMax = 80;

export function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length <= valueMax ? line : `${line.slice(0, valueMax - 1)}…`;
}

/** For example `spec.deployment.enabled: false → true`. */
function shownChange({ path, from, to }: Change): string {
  if (from === undefined) return to === undefined ? path : `${path}: ${quoted(to)}`;
  return `${path}: ${quoted(from)} → ${quoted(to)}`;
}

export function shownChanges(changes: readonly Change[]): string {
  return changes.map(shownChange).join(', ');
}

/** For example `createJob (job: sales/ingest), deploy (…)`. */
export function shownActions(actions: readonly Action[]): string {
  return actions.map(({ kind, changes }) => `${kind} (${shownChanges(changes)})`).join('; ');
}

function quoted(value: unknown): string {
  return value === '' ? '""' : shownValue(value);
}

/** A version is a Git commit: its first characters tell two apart. */
export function shortVersion(jobVersion: string): string {
  return jobVersion.slice(0, 12);
}
