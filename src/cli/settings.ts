/**
 * Settings as tables: a flag, the environment variable that means the same, a default as a person
 * would type it, and how the text is read. The options of each command, the documentation and the
 * sentences about wrong values all come from these tables.
 */
import { type Command, Option } from 'commander';
import { parseDuration } from '../api/duration.ts';
import { UsageError } from './usage-error.ts';

export interface Setting<T> {
  /** As commander reads it; one that may be repeated is one text with commas. */
  readonly flag: string;
  readonly env?: string;
  readonly about: string;
  /** Without one, a setting that is not given is undefined. */
  readonly fallback?: string;
  /** Says the fallback in other words, where it is not a plain value. */
  readonly fallbackText?: string;
  readonly repeatable?: true;
  /** Throws a `UsageError` whose message goes on from "<flag> ". */
  readonly parse: (text: string) => T;
}

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

export type SettingsOf<Table extends SettingsTable> = {
  readonly [K in keyof Table]: Table[K] extends Setting<infer T>
    ? Table[K] extends { readonly fallback: string }
      ? T
      : T | undefined
    : never;
};

export function addOptions(command: Command, table: SettingsTable): Command {
  for (const { flag, env, about, fallback, fallbackText, repeatable } of Object.values(table)) {
    const isSwitch = !flag.includes('<');
    const shown = fallbackText ?? (isSwitch ? undefined : fallback);
    const notes = [
      ...(shown === undefined ? [] : [`default: ${shown}`]),
      ...(env === undefined ? [] : [`env: ${env}`]),
    ];
    const option = new Option(flag, notes.length === 0 ? about : `${about} (${notes.join(', ')})`);
    if (repeatable) option.argParser((text, before) => (before ? `${before},${text}` : text));
    command.addOption(option);
  }
  return command;
}

/** Flags win over variables, variables over defaults; every wrong one is named in one error. */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): SettingsOf<Table> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const given = givenText(setting, flags, env);
    if (given === undefined) continue;
    try {
      values[name] = setting.parse(given.text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(`${given.source} ${error.message}`);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return values as SettingsOf<Table>;
}

function givenText(
  { flag, env, fallback }: Setting<unknown>,
  flags: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly source: string } | undefined {
  const option = new Option(flag);
  const given = flags[option.attributeName()];
  if (given !== undefined) return { text: String(given), source: option.long ?? flag };
  const variable = env === undefined ? undefined : variables[env];
  if (env !== undefined && variable !== undefined && variable !== '') {
    return { text: variable, source: env };
  }
  return fallback === undefined ? undefined : { text: fallback, source: option.long ?? flag };
}

export function parseText(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new UsageError('must not be empty.');
  return trimmed;
}

/** One word: what must not be torn apart where it is written down. */
export function parseWord(text: string): string {
  if (!/^\S{1,253}$/.test(text)) throw new UsageError(`must be one word, not "${text}".`);
  return text;
}

export function parseSwitch(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new UsageError(`must be true or false, not "${text}".`);
}

function parseList(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new UsageError(`must be names with commas in between.`);
  return parts;
}

export function parseNamespaces(text: string): readonly string[] {
  const names = parseList(text);
  const wrong = names.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined) throw new UsageError(`has "${wrong}", which is no namespace's name.`);
  return names;
}

/** Durations within bounds; the error shows the form. */
export function durationParser(minMs: number, maxMs: number): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text.trim());
    if (ms === undefined) {
      throw new UsageError(`must be a duration like 500ms, 30s, 5m or 1h, not "${text}".`);
    }
    if (ms < minMs || ms > maxMs) {
      throw new UsageError(`must be from ${durationText(minMs)} to ${durationText(maxMs)}.`);
    }
    return ms;
  };
}

export function integerParser(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new UsageError(`must be a whole number from ${min} to ${max}, not "${text}".`);
    }
    return value;
  };
}

export function choiceParser<const T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) {
      throw new UsageError(`must be one of ${choices.join(', ')}, not "${text}".`);
    }
    return choice;
  };
}

export function parseHttpUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`must be a URL that starts with http:// or https://, not "${text}".`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('must not hold a user name or a password.');
  }
  return text;
}

export interface BindAddress {
  readonly host: string;
  readonly port: number;
}

/** `:8080` = on all addresses of the machine; undefined (typed as 0) = not at all. */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const match = /^(.*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new UsageError(`must be like :8080 or 127.0.0.1:8080, or 0 for nowhere, not "${text}".`);
  }
  return { host: match[1] || '0.0.0.0', port };
}

/** A duration as one would type it. */
export function durationText(ms: number): string {
  if (ms % 3_600_000 === 0 && ms > 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0 && ms > 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
