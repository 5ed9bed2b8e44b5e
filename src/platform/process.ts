/**
 * The process as a dependency: arguments, environment, output and the wish to stop. The command
 * line uses nothing else of it, so tests call it like a function.
 */

export interface Output {
  write(text: string): void;
  /** A person may be watching: colours and redrawing make sense. */
  readonly isTerminal: boolean;
  /** Width in characters where it is a terminal. */
  readonly columns: number | undefined;
}

export interface Process {
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted at the first SIGINT or SIGTERM; another one later ends the process at once. */
  readonly stop: AbortSignal;
}

/** Ctrl-C reaches a program under npm twice, from the terminal and from npm: that is one wish. */
const sameWishMs = 500;

/** The exit code that shells expect of a program ended by SIGINT. */
const interruptedExitCode = 130;

/** Only the main thread hears signals. */
function signalsToStop(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      controller.abort(new Error('asked to stop'));
    } else if (performance.now() - firstMs > sameWishMs) {
      process.exit(interruptedExitCode);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

/** `stop`: who passes on the wish to stop, where signals are not heard. */
export function systemProcess(stop: AbortSignal = signalsToStop()): Process {
  return {
    args: process.argv.slice(2),
    env: process.env,
    workingDirectory: process.cwd(),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    stop,
  };
}

/** The variables that the process was started with. */
export function systemEnvironment(): Process['env'] {
  return process.env;
}

/** Ends the process; what was written to the outputs is flushed first. */
export async function exitProcess(code: number): Promise<never> {
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  process.exit(code);
}

/** For when a thread cannot be ended: an ordinary exit would wait for it, and a kill of process 1 is ignored. */
export async function abortProcess(): Promise<never> {
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  process.abort();
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // A reader that left (`| head`) is no reason to fail.
  stream.on('error', () => {});
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}
