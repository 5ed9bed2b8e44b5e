/**
 * How the program begins and ends. `run` works in a thread of its own, so that something is left
 * to keep watch over it; all other commands work in the main thread.
 */
import { systemClock as clock } from '../platform/clock.ts';
import { systemFiles as files } from '../platform/files.ts';
import type { LogFields } from '../platform/log.ts';
import { abortProcess, exitProcess, systemProcess } from '../platform/process.ts';
import { systemRandom as random } from '../platform/random.ts';
import { parentThread, threadsOf } from '../platform/threads.ts';
import type { Context } from './context.ts';
import { supervisedBy } from './supervised.ts';

/** Runs `commandLine`, and ends the process with its exit code. `entry` is the URL of the caller. */
export async function runProgram(
  entry: string,
  commandLine: (context: Context) => Promise<number>,
): Promise<never> {
  const parent = parentThread();
  const supervised = parent && supervisedBy(parent, clock);
  const process = systemProcess(supervised?.stop);
  if (parent !== undefined || process.args[0] !== 'run') {
    const code = await commandLine({ process, files, clock, random, supervised });
    return await exitProcess(code);
  }
  // What the thread needs is loaded there alone: here it would cost the same memory once more.
  const { supervise } = await import('./supervisor.ts');
  const world = { start: threadsOf(entry), abort: abortProcess, clock, random, tell };
  return await exitProcess(await supervise({ ...world, stop: process.stop }));
}

async function tell(message: string, fields: LogFields): Promise<void> {
  const { createLog } = await import('../platform/log.ts');
  createLog('error').error(message, fields);
}
