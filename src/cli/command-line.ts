/**
 * The command line: which commands there are, and how anything that goes wrong is said. Exit codes:
 * 0 done, 1 not as wished (each command says what that means), 2 asked for wrongly or failed.
 */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { messageOf } from '../platform/errors.ts';
import { type Context, exitCodes } from './context.ts';
import { controlServiceOptions } from './control-service-options.ts';
import { planOptions, runOptions, sandboxOptions } from './options.ts';
import { addOptions, readSettings, type SettingsOf, type SettingsTable } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Runs what the arguments ask for; the result is the exit code. Never rejects. */
export async function runCommandLine(context: Context): Promise<number> {
  const { process } = context;
  let code: number = exitCodes.done;
  const program = createProgram(context, (value) => {
    code = value;
  });
  try {
    await program.parseAsync(process.args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said it by itself; asking for help or the version is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.failed;
    process.stderr.write(`${sentences(error)}\n`);
    return exitCodes.failed;
  }
}

function createProgram(context: Context, onEnd: (code: number) => void): Command {
  const { process } = context;
  const program = new Command('datajob-operator')
    .description('Makes Versatile Data Kit data jobs declarative: DataJob objects in Kubernetes.')
    .version(packageJson.version)
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
      getOutHelpWidth: () => process.stdout.columns ?? 100,
      getErrHelpWidth: () => process.stderr.columns ?? 100,
    })
    .exitOverride();
  // Commands are loaded when they are asked for, so that --help is quick.
  const add = <Table extends SettingsTable>(
    name: string,
    about: string,
    table: Table,
    load: () => Promise<(context: Context, settings: SettingsOf<Table>) => Promise<number>>,
  ) => {
    addOptions(program.command(name), table)
      .description(about)
      .action(async (flags: Readonly<Record<string, unknown>>) => {
        const settings = readSettings(table, flags, process.env);
        onEnd(await (await load())(context, settings));
      });
  };
  add(
    'sandbox',
    'Everything in one process: a Kubernetes API, a Control Service, the operator, examples.',
    sandboxOptions,
    async () => (await import('./sandbox.ts')).sandbox,
  );
  add(
    'run',
    'The operator, for a cluster and a Control Service.',
    runOptions,
    async () => (await import('./run.ts')).run,
  );
  add(
    'plan',
    'What the operator would do for manifests. Exit code: 0 nothing, 1 something, 2 failed.',
    planOptions,
    async () => (await import('./plan.ts')).plan,
  );
  add(
    'control-service',
    'A VDK Control Service on this machine: the whole Data Jobs API, for trying things out.',
    controlServiceOptions,
    async () => (await import('./control-service.ts')).controlService,
  );
  return program;
}

/** Never a stack: an error that nobody foresaw is said in its own words. */
function sentences(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  return `${messageOf(error)}${/[.!?]$/.test(messageOf(error)) ? '' : '.'}`;
}
