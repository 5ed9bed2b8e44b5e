/**
 * The sandbox as the command line starts it, but in the test's own process: real sockets and the
 * real clock, and both servers' records at hand.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperator } from '../../src/operator.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { onThisMachine } from '../support/on-this-machine.ts';

export interface RunningSandbox extends Sandbox {
  readonly folder: string;
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

/** Short, so that scenarios are quick; the order of things does not depend on it. */
const pollIntervalMs = 300;
const deployTimeMs = 100;

export async function runSandbox(): Promise<RunningSandbox> {
  const sandbox = await startSandbox({ ...onThisMachine, deployTimeMs });
  const folder = mkdtempSync(join(tmpdir(), 'datajob-sandbox-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  await onThisMachine.files.writeText(kubeconfigFile, sandbox.kubeconfig, 0o600);
  const ended = new AbortController();
  const { kube, service } = sandbox;
  const operator = createOperator(
    { kube, service, ...onThisMachine },
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
