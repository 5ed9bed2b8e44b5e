/** The program's entry, also that of its threads. */
import { runProgram } from './program.ts';

await runProgram(import.meta.url, async (context) => {
  const { runCommandLine } = await import('./command-line.ts');
  return await runCommandLine(context);
});
