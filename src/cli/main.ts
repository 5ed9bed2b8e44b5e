/** The program's entry: the real world, handed to the command line. */
import { systemClock } from '../platform/clock.ts';
import { systemFiles } from '../platform/files.ts';
import { exitProcess, systemProcess } from '../platform/process.ts';
import { systemRandom } from '../platform/random.ts';
import { runCommandLine } from './command-line.ts';

const code = await runCommandLine({
  process: systemProcess(),
  files: systemFiles,
  clock: systemClock,
  random: systemRandom,
});
await exitProcess(code);
