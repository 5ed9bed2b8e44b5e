/** A running service as a target, and the report of a run on it. */
import type { Auth } from '../../../src/control-service/auth/auth.ts';
import { sleep, systemClock } from '../../../src/platform/clock.ts';
import { messageOf } from '../../../src/platform/errors.ts';
import { type HttpTransport, undiciTransport } from '../../../src/platform/http.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import type { Persistence } from '../../../src/sandbox/control-service/settings.ts';
import { conformanceCases } from './cases.ts';
import { leftovers } from './clear.ts';
import { type Facts, findFacts, UnusableServiceError } from './facts.ts';
import { type Outcome, runCases } from './run.ts';
import type { Target } from './target.ts';

export interface LiveOptions {
  readonly url: string;
  readonly authOver: (transport: HttpTransport) => Auth;
  readonly mode: Persistence | undefined;
  readonly patienceMs: number;
  readonly parallel: number;
  readonly mayLeaveCredentials: boolean;
  /** Only cases with this in their names. */
  readonly only: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** A service that sends nothing for this long is not well. */
const silenceMaxMs = 60_000;
const nameBytes = 3;

/** Judges a service; whether it passed and was left as it had been. */
export async function judgeLive(options: LiveOptions): Promise<boolean> {
  const { print, signal, only } = options;
  const transport = undiciTransport({
    connections: options.parallel * 2,
    headersTimeoutMs: silenceMaxMs,
    bodyTimeoutMs: silenceMaxMs,
  });
  const target = liveTarget(options, transport);
  const startMs = systemClock.elapsed();
  try {
    const facts = await findFacts(target);
    print(described(target, facts));
    const cases = conformanceCases.filter(({ name }) => only === undefined || name.includes(only));
    const outcomes = await runCases(target, facts, cases, options.parallel, (outcome) => {
      if (outcome.kind === 'failed') print(`failed: ${outcome.name}\n${indented(outcome.why)}`);
    });
    const left = await leftovers(target);
    for (const line of notApplicable(outcomes)) print(line);
    const seconds = Math.round((systemClock.elapsed() - startMs) / 1_000);
    print(`${totals(outcomes)}, in ${seconds} s.`);
    print(left.length === 0 ? 'Nothing is left behind.' : `Left behind: ${left.join(', ')}.`);
    const skipped = cases.length - outcomes.length;
    if (signal.aborted) print(`Ended before its time: ${skipped} cases were not run.`);
    const failed = outcomes.some(({ kind }) => kind === 'failed');
    return !failed && skipped === 0 && outcomes.length > 0 && left.length === 0;
  } catch (error) {
    if (error instanceof UnusableServiceError) print(error.message);
    else print(`${target.baseUrl} cannot be judged: ${messageOf(error)}`);
    return false;
  } finally {
    await transport.close();
  }
}

function liveTarget(options: LiveOptions, transport: HttpTransport): Target {
  const { url, mode, patienceMs, mayLeaveCredentials, signal } = options;
  return {
    baseUrl: url.replace(/\/+$/, ''),
    transport,
    auth: options.authOver(transport),
    random: systemRandom,
    clock: systemClock,
    pass: (ms) => sleep(systemClock, ms, signal),
    patienceMs,
    prefix: `conf-${systemRandom.hex(nameBytes)}-`,
    mode,
    mayLeaveCredentials,
    signal,
  };
}

function described({ baseUrl, mode: said }: Target, facts: Facts): string {
  const { mode, security, secretStore, pythonVersions, deployMs } = facts;
  return [
    `${baseUrl}${facts.embedded ? ' (embedded)' : ''}: persistence ${mode}${said ? '' : ' (found out)'}`,
    `security ${security ? 'on' : 'off'}`,
    `${secretStore ? 'a' : 'no'} secret store`,
    `python ${pythonVersions.join(' and ')}`,
    `a deployment takes ${(deployMs / 1_000).toFixed(1)} s`,
  ].join(', ');
}

/** The cases that do not apply, under what they would need. */
function notApplicable(outcomes: readonly Outcome[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { kind, name, why } of outcomes) {
    if (kind === 'notApplicable') byReason.set(why, [...(byReason.get(why) ?? []), name]);
  }
  return [...byReason].flatMap(([why, names]) => [
    `not applicable (${names.length}): ${why}`,
    ...names.map(indented),
  ]);
}

function totals(outcomes: readonly Outcome[]): string {
  const count = (wanted: Outcome['kind']) => outcomes.filter(({ kind }) => kind === wanted).length;
  return `${outcomes.length} cases: ${count('passed')} passed, ${count('failed')} failed, ${count('notApplicable')} not applicable`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}
