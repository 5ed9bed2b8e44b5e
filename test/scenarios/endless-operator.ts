/** The program with a planted bug: the pass over some objects never pauses, told by their description. */
import { spawnSync } from 'node:child_process';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { runProgram } from '../../src/cli/program.ts';
import { shippedParts } from '../../src/operator.ts';
import { createReconciler } from '../../src/reconcile/datajob/reconciler.ts';

const planted: typeof createReconciler = (deps) =>
  createReconciler({
    ...deps,
    objects: {
      ...deps.objects,
      async claim(dataJob, ...rest) {
        if (dataJob.spec.description === 'endless loop') for (;;);
        if (dataJob.spec.description === 'endless chain') for (;;) await undefined;
        // Not even the thread's end ends this.
        if (dataJob.spec.description === 'deaf') spawnSync('sleep', ['40'], { stdio: 'ignore' });
        if (dataJob.spec.description === 'crash') setTimeout(() => throwing(dataJob.metadata.name));
        if (dataJob.spec.description === 'memory') fill();
        return await deps.objects.claim(dataJob, ...rest);
      },
    },
  });

function throwing(name: string): never {
  throw new Error(`nobody catches this: ${name}`);
}

function fill(): void {
  for (const all: unknown[] = []; ; ) all.push(Array.from({ length: 1_000 }, Math.random));
}

await runProgram(
  import.meta.url,
  async (context) =>
    await runCommandLine({ ...context, parts: { ...shippedParts, createReconciler: planted } }),
);
