import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataJob, dataJobType } from '../../src/api/data-job.ts';
import { loadManifests } from '../../src/cli/manifests.ts';
import { allReady, objectState } from '../../src/cli/object-state.ts';
import { sleep, systemClock } from '../../src/platform/clock.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { projectFolder, runProgram } from './command.ts';
import { type RunningSandbox, runSandbox } from './running-sandbox.ts';

/** Which request of the service each action is. */
const operations: Readonly<Record<string, string>> = {
  createJob: 'dataJobCreate',
  uploadSource: 'sourcesUpload',
  updateJob: 'dataJobUpdate',
  deploy: 'deploymentUpdate',
  patchDeployment: 'deploymentPatch',
};

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await runSandbox();
});
afterAll(() => sandbox?.stop());

interface Planned {
  readonly name: string;
  readonly actions: readonly { kind: string; changes: readonly { path: string }[] }[];
  readonly withheld: readonly unknown[];
  readonly error?: string;
}

function environment() {
  return {
    KUBECONFIG: sandbox.kubeconfigFile,
    VDK_CONTROL_SERVICE_REST_API_URL: sandbox.serviceUrl,
  };
}

async function planOf(path: string) {
  const { code, stdout, stderr } = await runProgram(['plan', '-f', path, '-o', 'json'], {
    env: environment(),
  });
  expect(stderr).toBe('');
  const { objects } = JSON.parse(stdout) as { objects: readonly Planned[] };
  return { code, objects };
}

/** The manifests of the examples with changes, in a folder of their own. */
function changedExamples(name: string, changes: readonly (readonly [string, string])[]): string {
  const folder = join(sandbox.folder, name);
  mkdirSync(folder, { recursive: true });
  for (const file of ['ingest-orders.yaml', 'monthly-revenue.yaml', 'stock-levels.yaml']) {
    let text = readFileSync(join(projectFolder, 'examples', file), 'utf8');
    for (const [from, to] of changes) text = text.replace(from, to);
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

/** Applies, waits until so many writes have come and all is Ready, and returns what was written to whom. */
async function writesAfterApplying(folder: string, wanted: number): Promise<readonly string[]> {
  const { record } = sandbox.controlService;
  record.clear();
  const manifests = await loadManifests(systemFiles, folder);
  await sandbox.apply(manifests.map(({ manifest }) => manifest));
  for (;;) {
    const { items } = await sandbox.kube.list<DataJob>(dataJobType, {});
    if (record.writes() >= wanted && allReady(items.map(objectState))) break;
    await sleep(systemClock, 50);
  }
  return record
    .filter(({ method }) => method !== 'GET')
    .map(({ operation, path, body }) => `${operation} ${jobNameIn(path, body)}`);
}

/** A create names its job in the body. */
function jobNameIn(path: string, body: unknown): string {
  const named = typeof body === 'object' && body !== null && 'job_name' in body;
  return /\/jobs\/([a-z-]+)/.exec(path)?.[1] ?? (named ? String(body.job_name) : '');
}

/**
 * What later passes may add: a first disabled deployment, on a service where nothing tells yet how it
 * keeps deployments, goes in without a schedule, and gets it once it is there.
 */
const secondStep = (name: string) => [`dataJobUpdate ${name}`, `deploymentPatch ${name}`];

async function expectExact(
  folder: string,
  inTwoSteps: readonly string[] = [],
): Promise<readonly Planned[]> {
  const { code, objects } = await planOf(folder);
  expect(code).toBe(1);
  const wanted = objects.flatMap(({ name, actions }) =>
    actions.map(({ kind }) => `${operations[kind]} ${name}`),
  );
  const written = await writesAfterApplying(folder, wanted.length);
  for (const { name } of objects) {
    const ofThisJob = (write: string) => write.endsWith(` ${name}`);
    const inPass = wanted.filter(ofThisJob);
    const writes = written.filter(ofThisJob);
    expect(writes.slice(0, inPass.length), name).toEqual(inPass);
    const later = inTwoSteps.includes(name) ? secondStep(name) : [];
    expect(later, name).toEqual(expect.arrayContaining(writes.slice(inPass.length)));
  }
  return objects;
}

test('for new jobs, and for changed ones, the plan is what the pass then does', async () => {
  const fresh = await expectExact(join(projectFolder, 'examples'), ['monthly-revenue']);
  expect(fresh.map(({ name, actions }) => [name, actions.length])).toEqual([
    ['ingest-orders', 3],
    ['monthly-revenue', 3],
    ['stock-levels', 0],
  ]);
  expect(fresh[2]?.withheld, 'Observe only says what it lacks').toHaveLength(3);

  expect((await planOf(join(projectFolder, 'examples'))).code, 'all is done now').toBe(0);

  const folder = changedExamples('changed', [
    ['schedule: "15 5 * * *"', 'schedule: "25 5 * * *"'],
    ['GROUP BY 1, 2', 'GROUP BY 2, 1'],
  ]);
  const changed = await expectExact(folder);
  const paths = (name: string) =>
    changed
      .find((each) => each.name === name)
      ?.actions.flatMap(({ changes }) => changes.map(({ path }) => path));
  expect(paths('ingest-orders')).toContain('spec.deployment.schedule');
  expect(paths('monthly-revenue'), 'the ConfigMap among the manifests counts').toContain(
    'spec.source',
  );
  expect((await planOf(folder)).code).toBe(0);
});

test('an invalid manifest is refused before anybody is asked, all problems at once', async () => {
  const folder = changedExamples('invalid', [
    ['schedule: "15 5 * * *"', 'schedule: every day'],
    ['team: finance', 'tem: finance'],
  ]);
  const { code, stdout, stderr } = await runProgram(['plan', '-f', folder], {
    env: { ...environment(), VDK_CONTROL_SERVICE_REST_API_URL: 'http://127.0.0.1:9' },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/ingest-orders\.yaml: spec\.deployment\.schedule: .+\n/);
  expect(stderr).toMatch(/monthly-revenue\.yaml, document 2: spec\.?\w*: .+\n/);
});

test('a job of somebody else is an error that names who has it', async () => {
  await fetch(`${sandbox.serviceUrl}/data-jobs/for-team/sales/jobs?name=foreign-job`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ team: 'sales', job_name: 'foreign-job' }),
  });
  const folder = changedExamples('foreign', [['name: ingest-orders', 'name: foreign-job']]);
  const { code, objects } = await planOf(folder);
  expect(code).toBe(2);
  expect(objects.find(({ name }) => name === 'foreign-job')?.error).toMatch(/foreign-job/);
});
