/**
 * The machine's own kubectl, unmodified, against the sandbox: what people type is what is tested.
 * Where there is no kubectl the report says so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Manifest, parseManifests } from '../../src/cli/manifests.ts';
import { projectFolder, type RunningCommand, run, start } from './command.ts';
import { type RunningSandbox, runSandbox } from './running-sandbox.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const examples = join(projectFolder, 'examples');

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await runSandbox();
});
afterAll(() => sandbox?.stop());

beforeEach(({ skip }) => {
  skip(!hasKubectl, 'kubectl is not on PATH: the sandbox was not tried with it');
});

function environment() {
  return { KUBECONFIG: sandbox.kubeconfigFile, HOME: sandbox.folder };
}

function kubectl(...args: readonly string[]) {
  return run('kubectl', args, { env: environment() });
}

/** Output of a kubectl that succeeds. */
async function said(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl(...args);
  expect(code, `kubectl ${args.join(' ')}\n${stderr}`).toBe(0);
  return stdout;
}

function watching(...args: readonly string[]): RunningCommand {
  return start('kubectl', args, { env: environment() });
}

/** A file with the smallest job that there is. */
function manifestFile(file: string, name: string): string {
  const path = join(sandbox.folder, file);
  const files = '{10_run.py: "def run(job_input): pass"}';
  writeFileSync(
    path,
    `apiVersion: versatiledatakit.io/v1alpha1\nkind: DataJob\nmetadata: {name: ${name}}\n` +
      `spec: {team: sales, source: {inline: {files: ${files}}}}\n`,
  );
  return path;
}

function serviceJob(team: string, name: string): Promise<Response> {
  return fetch(`${sandbox.serviceUrl}/data-jobs/for-team/${team}/jobs/${name}`);
}

describe('apply and look', () => {
  test('apply makes the examples, and a second time leaves them unchanged', async () => {
    const first = await said('apply', '-f', examples);
    expect(first.trim().split('\n').sort()).toEqual([
      'configmap/monthly-revenue-files created',
      'datajob.versatiledatakit.io/ingest-orders created',
      'datajob.versatiledatakit.io/monthly-revenue created',
      'datajob.versatiledatakit.io/stock-levels created',
    ]);
    const second = await said('apply', '-f', examples);
    for (const line of second.trim().split('\n')) expect(line).toMatch(/ unchanged$/);
  });

  test('wait ends when all are Ready', async () => {
    const told = await said('wait', '--for=condition=Ready', 'dj', '--all', '--timeout=40s');
    expect(told.trim().split('\n')).toHaveLength(3);
    for (const line of told.trim().split('\n')) expect(line).toMatch(/ condition met$/);
  });

  test('get shows the columns of the kind, and more of them when wide', async () => {
    const [head = '', ...rows] = (await said('get', 'dj')).trim().split('\n');
    expect(head.split(/ {2,}/).map((name) => name.trim())).toEqual([
      ...['NAME', 'READY', 'STATUS', 'TEAM', 'ENABLED', 'SCHEDULE', 'VERSION', 'LAST RUN', 'AGE'],
    ]);
    expect(rows).toHaveLength(3);
    const orders = rows.find((row) => row.startsWith('ingest-orders'));
    expect(orders).toMatch(/^ingest-orders +True +\w+ +sales +true +15 5 \* \* \* +[0-9a-f]{7,} /);
    const wide = (await said('get', 'datajobs.versatiledatakit.io', '-o', 'wide')).split('\n')[0];
    for (const name of ['SYNCED', 'SUSPENDED', 'REVISION', 'PYTHON', 'NEXT RUN', 'MESSAGE']) {
      expect(wide).toContain(name);
    }
  });

  test('get all and get by team find data jobs', async () => {
    expect(await said('get', 'all')).toContain('ingest-orders');
    const finance = await said('get', 'dj', '--field-selector', 'spec.team=finance', '-o', 'name');
    expect(finance).toBe('datajob.versatiledatakit.io/monthly-revenue\n');
  });

  test('describe shows conditions and events', async () => {
    const text = await said('describe', 'dj', 'ingest-orders');
    expect(text).toMatch(/Type: +Ready/);
    const events = text.slice(text.indexOf('Events:'));
    for (const reason of ['JobCreated', 'SourceUploaded', 'DeploymentRequested', 'Deployed']) {
      expect(events).toContain(reason);
    }
  });

  test('explain knows every field, each with a description', async () => {
    const text = await said('explain', 'datajob.spec', '--recursive');
    const fields = text.slice(text.indexOf('FIELDS:')).matchAll(/^( +)(\w+)\t</gm);
    const paths: string[] = [];
    for (const [, indent = '', name = ''] of fields) {
      const depth = indent.length / 2 - 1;
      paths.push([...(paths.at(-1) ?? '').split('.').slice(0, depth), name].join('.'));
    }
    expect(paths).toContain('deployment.schedule');
    expect(paths).toContain('config.contacts.notifiedOnJobFailureUserError');
    const texts = await Promise.all(paths.map((path) => said('explain', `datajob.spec.${path}`)));
    for (const [index, each] of texts.entries()) {
      expect(each, paths[index]).not.toContain('<empty>');
      expect(each, paths[index]).toMatch(/DESCRIPTION:\n +\S/);
    }
  });
});

describe('change', () => {
  test('a patch of the schedule arrives at the service as one PUT and one PATCH', async () => {
    sandbox.controlService.record.clear();
    const patch = '{"spec":{"deployment":{"schedule":"30 5 * * *"}}}';
    await said('patch', 'dj', 'ingest-orders', '--type', 'merge', '-p', patch);
    const path = 'jsonpath={.status.deployment.schedule}=30 5 * * *';
    await said('wait', 'dj/ingest-orders', '--for', path, '--timeout=40s');
    await said('wait', 'dj/ingest-orders', '--for=condition=Ready', '--timeout=40s');
    const writes = sandbox.controlService.record.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, operation }) => `${method} ${operation}`)).toEqual([
      'PUT dataJobUpdate',
      'PATCH deploymentPatch',
    ]);
  });

  test('edit opens the object, and what is saved arrives', async () => {
    const editor = join(sandbox.folder, 'editor');
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/30 5 \\* \\* \\*/45 5 * * */" "$1"\n', {
      mode: 0o755,
    });
    const env = { ...environment(), KUBE_EDITOR: editor };
    const edited = await run('kubectl', ['edit', 'dj', 'ingest-orders'], { env });
    expect(edited.stdout, edited.stderr).toContain('ingest-orders edited');
    await said('wait', 'dj/ingest-orders', '--for=condition=Ready', '--timeout=40s');
    const answer = await serviceJob('sales', 'ingest-orders');
    expect(await answer.json()).toMatchObject({
      config: { schedule: { schedule_cron: '45 5 * * *' } },
    });
  });

  test('get -w tells what changes', async () => {
    const watch = watching('get', 'dj', 'ingest-orders', '-w');
    await watch.outputMatching(/ingest-orders/);
    const patch = '{"spec":{"deployment":{"enabled":false}}}';
    await said('patch', 'dj', 'ingest-orders', '--type', 'merge', '-p', patch);
    await watch.outputMatching(/ingest-orders +True +\w+ +sales +false/);
    watch.kill('SIGINT');
  });

  test('a JSON patch works as well', async () => {
    const ops = '[{"op":"replace","path":"/spec/deployment/enabled","value":true}]';
    await said('patch', 'dj', 'ingest-orders', '--type', 'json', '-p', ops);
    await said('wait', 'dj/ingest-orders', '--for=condition=Ready', '--timeout=40s');
  });

  test('server-side apply makes an object, says what is not its own, and diffs to nothing', async () => {
    const file = manifestFile('by-server.yaml', 'applied-by-server');
    const args = ['--server-side', '-f', file];
    expect(await said('apply', ...args)).toContain('applied-by-server serverside-applied');
    await said('wait', 'dj/applied-by-server', '--for=condition=Ready', '--timeout=40s');
    expect(await said('diff', ...args)).toBe('');
  });
});

test('what the sandbox applied itself is as kubectl would: unchanged, and no conflict of managers', async () => {
  const file = manifestFile('seeded.yaml', 'applied-by-sandbox');
  const [loaded] = parseManifests(readFileSync(file, 'utf8'), file);
  await sandbox.apply([loaded?.manifest as Manifest]);
  expect(await said('apply', '-f', file)).toContain('applied-by-sandbox unchanged');
  const changed = readFileSync(file, 'utf8').replace('10_run.py: "def', '10_run.py: "async def');
  writeFileSync(file, changed);
  expect(await said('apply', '--server-side', '-f', file)).toContain('serverside-applied');
});

describe('refuse', () => {
  const cases = [
    { name: 'a wrong cron', from: '15 5 \\* \\* \\*', to: 'every day', says: 'schedule' },
    { name: 'a wrong name', from: 'name: ingest-orders', to: 'name: Orders', says: 'name' },
    {
      name: 'an unknown field',
      from: 'team: sales',
      to: 'team: sales\n  tem: x',
      says: 'unknown field "spec.tem"',
    },
    {
      name: 'two sources',
      from: '  source:',
      to: '  source:\n    configMapRef: {name: other}',
      says: 'exactly one',
    },
    {
      name: 'a changed jobName',
      from: 'team: sales',
      to: 'team: sales\n  jobName: other-name',
      says: 'jobName',
    },
  ];
  test.each(cases)('$name', async ({ name, from, to, says }) => {
    const folder = join(sandbox.folder, name.replaceAll(' ', '-'));
    mkdirSync(folder);
    const text = readFileSync(join(examples, 'ingest-orders.yaml'), 'utf8');
    const changed = text.replace(new RegExp(from), to);
    expect(changed).not.toBe(text);
    writeFileSync(join(folder, 'job.yaml'), changed);
    const { code, stderr } = await kubectl('apply', '-f', folder);
    expect(code).toBe(1);
    expect(stderr).toContain(says);
  });
});

describe('delete', () => {
  test('delete returns when the job is gone at the service', async () => {
    await said('apply', '-f', manifestFile('short-lived.yaml', 'short-lived'));
    await said('wait', 'dj/short-lived', '--for=condition=Ready', '--timeout=40s');
    expect((await serviceJob('sales', 'short-lived')).status).toBe(200);
    const told = await said('delete', 'dj', 'short-lived', '--timeout=40s');
    expect(told).toContain('"short-lived" deleted');
    expect((await serviceJob('sales', 'short-lived')).status).toBe(404);
    const { stderr } = await kubectl('get', 'dj', 'short-lived');
    expect(stderr).toContain('NotFound');
  });
});
