/**
 * `sandbox`: starts everything, applies manifests, shows how the objects become Ready, and says what
 * to try next. With --once it ends then; otherwise it goes on telling changes until it is stopped.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DataJob, dataJobType } from '../api/data-job.ts';
import type { KubeClient } from '../kube/client.ts';
import { createOperator } from '../operator.ts';
import { sleep } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Files } from '../platform/files.ts';
import { createLog, type Log } from '../platform/log.ts';
import type { Output, Process } from '../platform/process.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { type Context, exitCodes } from './context.ts';
import { createLiveTable } from './live-table.ts';
import { loadManifests } from './manifests.ts';
import {
  allReady,
  type ObjectState,
  objectState,
  statesAsJson,
  waitingLines,
} from './object-state.ts';
import type { sandboxOptions } from './options.ts';
import { paintFor } from './print.ts';
import { greeting, nextSteps } from './sandbox-text.ts';
import { durationText, type SettingsOf } from './settings.ts';
import { UsageError } from './usage-error.ts';

type Settings = SettingsOf<typeof sandboxOptions>;

/** Often enough to look alive, and nothing to an API in the same process. */
const lookEveryMs = 200;
/** The kubeconfig holds a token. */
const kubeconfigMode = 0o600;
/** Enough for passes in flight to end; the sandbox has nothing that takes longer. */
const concurrency = 16;

const examplesFolder = fileURLToPath(new URL('../../examples', import.meta.url));

export async function sandbox(context: Context, settings: Settings): Promise<number> {
  const { process, files } = context;
  // Read before anything starts, so that a wrong path costs nothing.
  const manifests = await loadManifests(files, settings.apply ?? examplesFolder);
  const log = createLog(settings.logLevel);
  const running = await startSandbox({
    ...context,
    log,
    kubeApiPort: settings.kubeApiPort,
    controlServicePort: settings.controlServicePort,
    deployTimeMs: settings.deployTime,
    dataFolder:
      settings.data === undefined ? undefined : resolve(process.workingDirectory, settings.data),
  });
  try {
    const kubeconfig = resolve(process.workingDirectory, settings.writeKubeconfig);
    await writeKubeconfig(files, kubeconfig, running.kubeconfig);
    toPeople(process, settings)?.write(
      `${greeting(running, settings.operator, kubeconfig).join('\n')}\n\n`,
    );
    // The state goes on from where it was; the examples were applied when it began.
    if (settings.apply !== undefined || !running.continued) {
      await running.apply(
        manifests.map(({ manifest }) => manifest),
        process.stop,
      );
    }
    return await withOperator(context, settings, running, log, (signal) =>
      follow(context, settings, running, kubeconfig, signal),
    );
  } catch (error) {
    if (!process.stop.aborted) throw error;
    return settings.once ? exitCodes.differs : exitCodes.done;
  } finally {
    await running.close();
  }
}

async function writeKubeconfig(files: Files, path: string, text: string): Promise<void> {
  try {
    await files.writeText(path, text, kubeconfigMode);
  } catch (error) {
    throw new UsageError(
      `The kubeconfig cannot be written to ${path} (${messageOf(error)}): choose another place with --write-kubeconfig.`,
    );
  }
}

/** Runs the operator beside `work`; whichever fails ends both. */
async function withOperator(
  { process, clock, random }: Context,
  settings: Settings,
  { kube, service }: Sandbox,
  log: Log,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  if (!settings.operator) return await work(process.stop);
  const ended = new AbortController();
  const signal = AbortSignal.any([process.stop, ended.signal]);
  const operator = createOperator(
    { kube, service, clock, random, log },
    { concurrency, pollIntervalMs: settings.pollInterval },
  );
  const running = operator.run(signal);
  try {
    const failed = running.then(() => new Promise<never>(() => {}));
    return await Promise.race([work(signal), failed]);
  } finally {
    ended.abort(new Error('the sandbox ends'));
    await running.catch(() => {});
  }
}

async function follow(
  context: Context,
  settings: Settings,
  running: Sandbox,
  kubeconfig: string,
  signal: AbortSignal,
): Promise<number> {
  const { process, clock } = context;
  const people = toPeople(process, settings);
  const table =
    people === undefined ? undefined : createLiveTable(people, paintFor(people, process.env));
  const startedMs = clock.elapsed();
  let settled = false;
  for (;;) {
    const dataJobs = await listDataJobs(running.kube, signal);
    const states = dataJobs.map(objectState);
    const elapsedMs = clock.elapsed() - startedMs;
    table?.show(states);
    if (!settled && allReady(states)) {
      settled = true;
      table?.settle(states);
      const seconds = (elapsedMs / 1000).toFixed(1);
      people?.write(`\n${count(states.length)} Ready after ${seconds} s.\n`);
      if (settings.output === 'json') process.stdout.write(`${statesAsJson(states)}\n`);
      if (settings.once) return exitCodes.done;
      people?.write(`${nextSteps(running, settings, kubeconfig, dataJobs).join('\n')}\n`);
    }
    if (settings.once && elapsedMs >= settings.timeout) return giveUp(process, settings, states);
    await sleep(clock, lookEveryMs, signal);
  }
}

/** Where people read on; a program that waits for one JSON document is not told stories. */
function toPeople(process: Process, { output, once }: Settings): Output | undefined {
  if (output === 'text') return process.stdout;
  return once ? undefined : process.stderr;
}

function count(objects: number): string {
  if (objects === 0) return 'There is no DataJob: all is';
  return objects === 1 ? 'The DataJob is' : `All ${objects} DataJobs are`;
}

function giveUp(process: Process, settings: Settings, states: readonly ObjectState[]): number {
  if (settings.output === 'json') process.stdout.write(`${statesAsJson(states)}\n`);
  process.stderr.write(
    `\nNot all objects are Ready after ${durationText(settings.timeout)}:\n` +
      `${waitingLines(states).join('\n')}\n`,
  );
  return exitCodes.differs;
}

async function listDataJobs(kube: KubeClient, signal: AbortSignal): Promise<readonly DataJob[]> {
  const { items } = await kube.list<DataJob>(dataJobType, {}, signal);
  return items;
}
