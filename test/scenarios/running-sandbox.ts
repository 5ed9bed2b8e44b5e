/**
 * The sandbox as the command line starts it, but in the test's own process: real sockets and the
 * real clock, and both servers' records at hand.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperator } from '../../src/operator.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';

export interface RunningSandbox extends Sandbox {
  readonly folder: string;
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

/** Short, so that scenarios are quick; the order of things does not depend on it. */
const pollIntervalMs = 300;
const deployTimeMs = 100;

export async function runSandbox(): Promise<RunningSandbox> {
  const world = { clock: systemClock, random: systemRandom, log: silentLog };
  const sandbox = await startSandbox({
    ...world,
    files: systemFiles,
    kubeApiPort: 0,
    controlServicePort: 0,
    deployTimeMs,
  });
  const folder = mkdtempSync(join(tmpdir(), 'datajob-sandbox-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  await systemFiles.writeText(kubeconfigFile, sandbox.kubeconfig, 0o600);
  const ended = new AbortController();
  const { kube, service } = sandbox;
  const operator = createOperator(
    { kube, service, ...world },
    { concurrency: 4, pollIntervalMs },
  ).run(ended.signal);
  return {
    ...sandbox,
    folder,
    kubeconfigFile,
    async stop() {
      ended.abort(new Error('the test is over'));
      await operator.catch(() => {});
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
