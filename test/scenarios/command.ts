/** Runs the command line as people do: as a process of its own, with its outputs read apart. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';

// Processes of their own take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly result: Promise<CommandResult>;
  /** Both outputs as far as they have come, once they match; rejects when the process ended before. */
  outputMatching(pattern: RegExp): Promise<RegExpMatchArray>;
  kill(signal: NodeJS.Signals): void;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** The program, by the launcher that `bin` names. */
export function startProgram(
  args: readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  const launcher = join(projectFolder, 'src/cli/launch.mjs');
  return start(process.execPath, [launcher, ...args], options);
}

export function runProgram(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return startProgram(args, options).result;
}

export function start(
  command: string,
  args: readonly string[],
  { cwd = projectFolder, env = {}, input }: CommandOptions = {},
): RunningCommand {
  const child = spawn(command, args, { cwd, env: { ...plainEnvironment(), ...env } });
  child.stdin.end(input ?? '');
  onTestFinished(() => end(child));
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const each of waiting) each();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    result,
    kill: (signal) => void child.kill(signal),
    outputMatching: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(`${stdout}\n${stderr}`);
          if (match === null) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        look();
        result.then(
          ({ code }) =>
            reject(new Error(`ended (${code}) before ${pattern}:\n${stdout}\n${stderr}`)),
          reject,
        );
      }),
  };
}

export function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return start(command, args, options).result;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'datajob-operator-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Nothing that would lead a command to a cluster or a service of the person who runs the tests. */
function plainEnvironment(): Record<string, string> {
  const names = Object.keys(process.env).filter(
    (name) => !/^(KUBE|VDK_|DATAJOB_|npm_|VITEST|NODE_OPTIONS|FORCE_COLOR|NO_COLOR)/.test(name),
  );
  const kept = names.map((name) => [name, process.env[name] ?? '']);
  return {
    ...Object.fromEntries(kept),
    HOME: '/nonexistent',
    // Tests run side by side: the usual ports can be had only once.
    DATAJOB_OPERATOR_METRICS_BIND_ADDRESS: '0',
    DATAJOB_OPERATOR_HEALTH_PROBE_BIND_ADDRESS: '0',
  };
}

function end(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
