/** Long-running programs of a test: started, waited for, and ended by their own process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly pid: number;
  /** Standard error and output as far as they have come, the newest part of them. */
  output(): string;
  readonly hasEnded: boolean;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Of what a program says this much is kept: enough for the error that ended it. */
const outputMaxChars = 1_000_000;

export function startProgram(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error(`${command} cannot be started`);
  let text = '';
  const keep = (chunk: string) => {
    text = (text + chunk).slice(-outputMaxChars);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const onExit = () => end(child);
  process.on('exit', onExit);
  return {
    pid: child.pid,
    output: () => text,
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => {
      child.once('close', (code) => {
        process.off('exit', onExit);
        resolve(code);
      });
    }),
  };
}

/** Asks, and does not ask again when it takes too long. */
export async function stopProgram(program: Program | undefined, waitMs = 10_000): Promise<void> {
  if (program === undefined || program.hasEnded) return;
  program.kill('SIGTERM');
  const late = new AbortController();
  const killing = sleep(waitMs, undefined, { signal: late.signal }).then(
    () => program.kill('SIGKILL'),
    () => {},
  );
  await program.ended;
  late.abort();
  await killing;
}

/** Looks until `holds`, or until the time is up: what it told last decides. */
export async function eventually(
  holds: () => Promise<boolean> | boolean,
  withinMs: number,
  everyMs = 100,
): Promise<boolean> {
  for (const endMs = performance.now() + withinMs; ; await sleep(everyMs)) {
    if (await holds()) return true;
    if (performance.now() > endMs) return false;
  }
}

/** Of the loopback address, and free a moment ago. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function end(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
