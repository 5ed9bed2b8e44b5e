/**
 * `control-service --data` killed with -9 in the middle of many writes: what was acknowledged is
 * there afterwards, and what was not is there as a whole or not at all.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { type RunningCommand, startProgram, temporaryFolder } from './command.ts';

const writers = 100;
/** After so many answers the process dies: in the middle of properties, of sources, of deletes. */
const dieAfter = [150, 250, 450];
const rounds = dieAfter.length;

interface Service {
  readonly command: RunningCommand;
  readonly url: string;
}

async function startService(file: string): Promise<Service> {
  const command = startProgram([
    ...['control-service', '--port', '0', '--data', file],
    // Nothing may change by itself while it is looked at.
    ...['--deploy-time', '1h', '--run-time', '1h'],
  ]);
  const [, url = ''] = await command.outputMatching(/^Control Service\s+(http:\S+)/m);
  return { command, url };
}

const jobs = (url: string) => `${url}/data-jobs/for-team/sales/jobs`;

function send(url: string, method: string, body?: unknown): Promise<Response> {
  const bytes = body instanceof Uint8Array;
  return fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': bytes ? 'application/octet-stream' : 'application/json' },
          body: bytes ? Buffer.from(body) : JSON.stringify(body),
        }),
  });
}

/** Many members that belong together: half of them would be noticed. */
function valuesOf(name: string, version: number): Record<string, string> {
  const members = Array.from({ length: 200 }, (_, index) => {
    const hash = createHash('sha256').update(`${name}/${version}/${index}`).digest('hex');
    return [`key-${index}`, hash] as const;
  });
  return Object.fromEntries([...members, ['version', `${version}`]]);
}

function jobOf(name: string, version: number) {
  return {
    job_name: name,
    team: 'sales',
    description: `version ${version}`,
    config: { schedule: { schedule_cron: `${version} * * * *` }, db_default_type: `${version}` },
  };
}

function sourceOf(name: string, version: number): Uint8Array {
  const files = Object.entries(valuesOf(name, version)).slice(-20);
  const encode = (text: string) => new TextEncoder().encode(text);
  return zipSync({
    top: Object.fromEntries(files.map(([file, text]) => [`${file}.sql`, encode(text)])),
  });
}

/** What the service has answered for, and what it was asked and did not answer. */
interface Known {
  readonly acknowledged: Set<string>;
  readonly attempted: Set<string>;
  /** Called at each acknowledgement, in the very moment. */
  onAcknowledged: () => void;
}

/** The writes of one client, one after another, until the service is gone. */
async function write(url: string, name: string, version: number, known: Known): Promise<void> {
  const step = async (what: string, wanted: number, call: () => Promise<Response>) => {
    known.attempted.add(`${name} ${what}`);
    const { status } = await call();
    expect(status, `${name} ${what}`).toBe(wanted);
    known.acknowledged.add(`${name} ${what}`);
    known.onAcknowledged();
  };
  const job = `${jobs(url)}/${name}`;
  try {
    await step('create', 201, () => send(jobs(url), 'POST', jobOf(name, version)));
    await step('properties', 204, () =>
      send(`${job}/deployments/x/properties`, 'PUT', valuesOf(name, version)),
    );
    await step('sources', 200, () => send(`${job}/sources`, 'POST', sourceOf(name, version)));
    await step('update', 200, () => send(job, 'PUT', jobOf(name, version + 1)));
    await step('delete', 200, () => send(job, 'DELETE'));
  } catch (error) {
    // fetch says so when the process is gone; everything else is a failure.
    if (!(error instanceof TypeError)) throw error;
  }
}

async function look(url: string, name: string, version: number, known: Known): Promise<string[]> {
  const has = (what: string) => known.acknowledged.has(`${name} ${what}`);
  const tried = (what: string) => known.attempted.has(`${name} ${what}`);
  const job = `${jobs(url)}/${name}`;
  const problems: string[] = [];
  const check = (fact: boolean, problem: string) => {
    if (!fact) problems.push(`${name}: ${problem}`);
  };
  const read = await send(job, 'GET');
  const exists = read.status === 200;
  check(exists || !has('create') || tried('delete'), 'the job is lost');
  check(!exists || tried('create'), 'the job was never asked for');
  check(!(exists && has('delete')), 'the job was deleted');
  if (exists) {
    const found = (await read.json()) as { description: string };
    const versions = [
      ...(has('update') ? [] : [version]),
      ...(tried('update') ? [version + 1] : []),
    ];
    const wholes = versions.map((each) => jobOf(name, each));
    expect(wholes, name).toContainEqual({
      ...found,
      config: expect.anything(),
    });
    const whole = wholes.find(({ description }) => description === found.description);
    expect(found, name).toMatchObject(whole ?? {});
  }
  const properties = await (await send(`${job}/deployments/x/properties`, 'GET')).json();
  if (has('properties')) expect(properties, name).toEqual(valuesOf(name, version));
  else expect([{}, valuesOf(name, version)], name).toContainEqual(properties);
  const sources = await send(`${job}/sources`, 'GET');
  check(sources.status === 200 || !has('sources') || !exists, 'the sources are lost');
  check(sources.status !== 200 || exists, 'sources without a job');
  if (sources.status === 200) {
    const files = Object.entries(unzipSync(new Uint8Array(await sources.arrayBuffer())));
    const texts = files.filter(([path]) => path.endsWith('.sql'));
    const wanted = Object.entries(valuesOf(name, version)).slice(-20);
    expect(
      Object.fromEntries(
        texts.map(([path, bytes]) => [
          path.slice(name.length + 1, -4),
          new TextDecoder().decode(bytes),
        ]),
      ),
      name,
    ).toEqual(Object.fromEntries(wanted));
  }
  return problems;
}

test('what was acknowledged before kill -9 is there after the restart, and nothing is half', async () => {
  const file = join(temporaryFolder(), 'state.sqlite');
  const known: Known = { acknowledged: new Set(), attempted: new Set(), onAcknowledged() {} };
  const names: string[][] = [];
  for (const [round, answers] of dieAfter.entries()) {
    const service = await startService(file);
    const before = known.acknowledged.size;
    const mine = Array.from({ length: writers }, (_, index) => `round-${round}-${index}`);
    names.push(mine);
    known.onAcknowledged = () => {
      if (known.acknowledged.size - before === answers) service.command.kill('SIGKILL');
    };
    await Promise.all(mine.map((name) => write(service.url, name, round, known)));
    expect((await service.command.result).code).toBeNull();
    const unanswered = known.attempted.size - known.acknowledged.size;
    expect(unanswered, 'it died in the middle').toBeGreaterThan(0);
  }
  const service = await startService(file);
  const problems = await Promise.all(
    names.flatMap((mine, round) => mine.map((name) => look(service.url, name, round, known))),
  );
  expect(problems.flat()).toEqual([]);
  expect(names).toHaveLength(rounds);
  expect(known.acknowledged.size).toBeGreaterThanOrEqual(
    dieAfter.reduce((sum, each) => sum + each),
  );
}, 60_000);
