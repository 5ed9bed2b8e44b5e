/**
 * Work that never pauses, in the shipped program as its own process: it blocks the thread that the
 * operator works in, and the main thread sees to it that only its own object is harmed.
 */
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { conditionOf } from '../../src/api/conditions.ts';
import { type DataJob, dataJobType } from '../../src/api/data-job.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { eventually, freePort } from '../cluster/programs.ts';
import { aManifest } from '../support/manifests.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { projectFolder, start, temporaryFolder } from './command.ts';

const healthy = ['first', 'second', 'third'].map((each) => `job-${each}`);
/** Two blocks of 10 s to find out whose work it is, and starting anew, on a busy machine. */
const foundWithinMs = 60_000;
const stopWithinMs = 20_000;

let sandbox: Sandbox;
let kubeconfigFile: string;
beforeEach(async () => {
  sandbox = await startSandbox({
    ...onThisMachine,
    deployTimeMs: 100,
  });
  onTestFinished(() => sandbox.close());
  kubeconfigFile = join(temporaryFolder(), 'kubeconfig');
  await systemFiles.writeText(kubeconfigFile, sandbox.kubeconfig, 0o600);
});

test('an endless pass harms only its own object, which says so, until somebody changes it', async () => {
  await Promise.all(healthy.map((name) => create(name)));
  await create('job-endless', 'endless chain');
  const health = `127.0.0.1:${await freePort()}`;
  const operator = startOperator(['--leader-elect', `--health-probe-bind-address=${health}`]);
  const isAlive = async () => {
    const request = fetch(`http://${health}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return (await request.catch(() => undefined))?.status === 200;
  };
  const isDone = async () =>
    (await Promise.all(healthy.map((name) => is(name, 'Ready', 'True')))).every(Boolean) &&
    (await is('job-endless', 'Stalled', 'True'));
  expect(await eventually(isDone, foundWithinMs)).toBe(true);
  const ready = conditionOf((await dataJob('job-endless')).status?.conditions, 'Ready');
  expect(ready).toMatchObject({ status: 'False', reason: 'OperatorBlocked' });
  expect(ready?.message).toMatch(/never came to an end.*left alone until its spec changes/);

  expect(await isAlive()).toBe(true);

  // Whoever changes it has it tried again, and others are served all the while.
  await change('job-endless', 'harmless by now');
  expect(await eventually(() => is('job-endless', 'Ready', 'True'), 20_000)).toBe(true);
  await change('job-endless', 'endless loop');
  expect(await eventually(async () => !(await isAlive()), 10_000), 'blocked again').toBe(true);
  const askedMs = performance.now();
  operator.kill('SIGTERM');
  const { code, stderr } = await operator.result;
  expect(performance.now() - askedMs).toBeLessThan(stopWithinMs);
  expect(code).toBe(1);
  const lines = linesOf(stderr);
  const told = lines
    .filter(({ level }) => level === 'error')
    .map(({ msg, leftAlone = [] }) => [msg, ...leftAlone]);
  expect(told, 'among all in work nobody knows at first whose work it is').toEqual([
    ['blocked by work that never pauses; starting anew'],
    ['blocked by work that never pauses; starting anew', 'default/job-endless'],
    ['blocked by work that never pauses; ending, as it was told to stop'],
  ]);
  const waited = lines.filter(({ msg }) => msg.includes('leads; waiting'));
  expect(waited, 'it takes over from itself at once').toEqual([]);
}, 180_000);

test('a thread that nothing ends is ended with the process', async () => {
  await create('job-deaf', 'deaf');
  const { code, stderr } = await startOperator([]).result;
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/"msg":"[^"]*ending, as even its thread cannot be ended"/);
});

test.each([
  ['an error that nobody catches', 'crash', [], /^nobody catches this: job-crash$/],
  ['a heap that is full', 'memory', ['--max-old-space-size=60'], /memory limit/],
] as const)('%s ends the process with a line that says so', async (_, what, nodeOptions, error) => {
  await create(`job-${what}`, what);
  const { code, stderr } = await startOperator([], nodeOptions).result;
  expect(code).toBe(1);
  expect(linesOf(stderr).at(-1)).toMatchObject({
    level: 'error',
    msg: 'the operator failed and ends',
    error: expect.stringMatching(error),
  });
});

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly error?: string;
  readonly leftAlone?: readonly string[];
}

function linesOf(stderr: string): readonly LogLine[] {
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}

function startOperator(args: readonly string[], nodeOptions: readonly string[] = []) {
  const entry = join(projectFolder, 'test/scenarios/endless-operator.ts');
  return start(process.execPath, [
    ...nodeOptions,
    entry,
    'run',
    `--kubeconfig=${kubeconfigFile}`,
    `--control-service-url=${sandbox.serviceUrl}`,
    '--poll-interval=300ms',
    ...args,
  ]);
}

async function create(name: string, description = 'harmless'): Promise<void> {
  await sandbox.kube.create(dataJobType, aManifest({ description }, name));
}

async function change(name: string, description: string): Promise<void> {
  const body = { spec: { description } };
  await sandbox.kube.patch(dataJobType, { namespace: 'default', name }, { kind: 'merge', body });
}

async function dataJob(name: string): Promise<DataJob> {
  return await sandbox.kube.get<DataJob>(dataJobType, { namespace: 'default', name });
}

async function is(name: string, type: 'Ready' | 'Stalled', status: string): Promise<boolean> {
  const { metadata, status: told } = await dataJob(name);
  const condition = conditionOf(told?.conditions, type);
  return condition?.observedGeneration === metadata.generation && condition?.status === status;
}
