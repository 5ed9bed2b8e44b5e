/** Bad moments in one data job's life: what holds when things happen at the wrong time. */
import { afterEach, describe, expect, test } from 'vitest';
import { reconcileRequestedAnnotation } from '../../src/api/annotations.ts';
import { conditionOf } from '../../src/api/conditions.ts';
import { dataJobType } from '../../src/api/data-job.ts';
import type { HttpRequest } from '../../src/platform/http.ts';
import { aManifest, type Manifest } from '../support/manifests.ts';
import { createWorld, type Instance, type World, type WorldOptions } from '../support/world.ts';

const pollIntervalMs = 60_000;
const minute = 60_000;
const jobPath = '/data-jobs/for-team/sales/jobs/ingest-orders';
const name = { namespace: 'default', name: 'ingest-orders' };
const newFiles = { source: { inline: { files: { '20_new.sql': 'SELECT 1' } } } };

const configMapType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

let world: World;
const open = async (options: WorldOptions = {}) => {
  world = await createWorld({ pollIntervalMs, ...options });
};
afterEach(() => world.close());

const apply = (manifest: Manifest) => world.apply(manifest);
const status = async (of = 'ingest-orders') => (await world.dataJob(of)).status;
const condition = async (type: Parameters<typeof conditionOf>[1]) =>
  conditionOf((await status())?.conditions, type);
/** Is it said, of the generation that the object has now? */
const conditionIs = async (
  type: Parameters<typeof conditionOf>[1],
  wanted: string,
  of = 'ingest-orders',
) => {
  const { metadata, status: said } = await world.dataJob(of);
  const found = conditionOf(said?.conditions, type);
  return found?.observedGeneration === metadata.generation && found?.status === wanted;
};
const isReady = (of?: string) => conditionIs('Ready', 'True', of);
const writes = () =>
  world.service.record.filter(({ method }) => method !== 'GET').map(({ operation }) => operation);
const notesOf = async (reason: string) =>
  (await world.events()).filter((event) => event.reason === reason).map(({ note }) => note);

async function readyJob(spec?: Record<string, unknown>): Promise<Instance> {
  const operator = world.start();
  await apply(aManifest(spec));
  expect(await world.until(isReady, 3 * minute)).toBe(true);
  await world.clock.advance(2 * pollIntervalMs); // whatever was left to do is done
  world.service.record.clear();
  return operator;
}

/** The first request of this method is refused. */
function refuseOnce(method: string) {
  const refused = { requests: 0 };
  world.faults.service = (request) => {
    if (request.method !== method || refused.requests > 0) return undefined;
    refused.requests += 1;
    return 'refused';
  };
  return refused;
}

/** As a person with the service's own tools: everything as it is but the schedule. */
async function scheduleByHand(cron: string): Promise<void> {
  const job = (await (await world.curl('GET', jobPath)).json()) as { config: object };
  const config = { ...job.config, schedule: { schedule_cron: cron } };
  await world.curl('PUT', jobPath, { ...job, config });
}
const deployByHand = () =>
  world.curl('PATCH', `${jobPath}/deployments/production`, { enabled: true });

const requestVerification = (token: string) =>
  world.kube.patch(dataJobType, name, {
    kind: 'merge',
    body: { metadata: { annotations: { [reconcileRequestedAnnotation]: token } } },
  });
const isStatusWrite = ({ method, url }: { readonly method: string; readonly url: string }) =>
  method === 'PATCH' && url.endsWith('/status');

const statusWrites = () =>
  world.kubeApi.record
    .entries()
    .filter(({ userAgent }) => userAgent === 'datajob-operator')
    .filter(({ subresource }) => subresource === 'status');

/** The service answers, but cannot reach its own Kubernetes: GraphQL then shows no deployments. */
function breakableKubernetes() {
  const kubernetes = { isDown: false };
  const behaviour = {
    isDown: (system: string) => kubernetes.isDown && system === 'KUBERNETES',
  };
  return { kubernetes, behaviour };
}

test('deployments that a service without its Kubernetes does not show are not taken for gone', async () => {
  const { kubernetes, behaviour } = breakableKubernetes();
  await open({ behaviour });
  await readyJob();
  const before = await status();
  kubernetes.isDown = true;
  await world.clock.advance(5 * minute);
  expect(await isReady()).toBe(true);
  expect(await conditionIs('Synced', 'True')).toBe(true);
  expect((await status())?.deployment).toEqual(before?.deployment);
  kubernetes.isDown = false;
  await world.clock.advance(15 * minute);
  expect(world.service.record.writes()).toBe(0);
  expect((await status())?.deployment).toEqual(before?.deployment);
});

test('a service without its Kubernetes in the middle of a deployment gets no second call for it', async () => {
  const { kubernetes, behaviour } = breakableKubernetes();
  await open({ behaviour, deployTimeMs: minute });
  await readyJob();
  await apply(aManifest(newFiles));
  await world.clock.advance(10_000);
  kubernetes.isDown = true;
  await world.clock.advance(20_000);
  kubernetes.isDown = false;
  expect(await world.until(isReady, 5 * minute)).toBe(true);
  await world.clock.advance(5 * minute);
  expect(writes()).toEqual(['sourcesUpload', 'deploymentUpdate']);
});

test('a job that was healed is deployed again, also when that call fails at first', async () => {
  await open();
  await readyJob();
  await scheduleByHand('1 1 1 1 1');
  await deployByHand(); // from now on its runs are at that time
  const refused = refuseOnce('PATCH');
  world.service.record.clear();
  await world.clock.advance(10 * minute);
  expect(refused.requests).toBe(1);
  expect(await isReady()).toBe(true);
  expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
});

test('what others deployed while the operator only observed is undone once it manages again', async () => {
  await open();
  await readyJob();
  await apply(aManifest({ managementPolicy: 'Observe' }));
  await world.clock.advance(5_000);
  await scheduleByHand('1 1 1 1 1');
  await deployByHand(); // from now on its runs are at that time
  await world.clock.advance(2 * pollIntervalMs);
  await scheduleByHand('0 6 * * *'); // looks right now, but is not in force
  await world.clock.advance(2 * pollIntervalMs);
  world.service.record.clear();
  await apply(aManifest());
  expect(await world.until(isReady, 3 * minute)).toBe(true);
  expect(writes()).toEqual(['deploymentPatch']);
});

test.each(['K8S', 'DB'] as const)(
  'a PUT of the job is followed by a deployment call, also over a crash (mode %s)',
  async (persistence) => {
    await open({ persistence });
    const operator = await readyJob();
    world.faults.service = (request) => {
      if (request.method === 'PATCH') operator.kill();
      return operator.isDead ? 'refused' : undefined;
    };
    await apply(aManifest({ description: 'Other words' }));
    await world.clock.advance(5_000);
    expect(writes()).toEqual(['dataJobUpdate']);
    world.faults.service = undefined;
    world.start();
    expect(await world.until(isReady, 3 * minute)).toBe(true);
    expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
  },
);

test('a manifest edited during its deployment is served right after it, and is no drift', async () => {
  await open({ deployTimeMs: 20_000 });
  world.start();
  await apply(aManifest());
  await world.clock.advance(5_000);
  await apply(aManifest({ deployment: { enabled: true, schedule: '5 5 * * *' } }));
  await world.clock.advance(2_000);
  expect(await conditionIs('Ready', 'Unknown')).toBe(true);
  expect(await conditionIs('Synced', 'True')).toBe(false);
  await world.clock.advance(30_000);
  expect(writes()).toEqual([
    ...['dataJobCreate', 'sourcesUpload', 'deploymentUpdate'],
    ...['dataJobUpdate', 'deploymentPatch'],
  ]);
  expect(await isReady()).toBe(true);
  expect(await notesOf('DriftCorrected')).toEqual([]);
});

test('drift whose repair fails at first is told all the same', async () => {
  await open();
  await readyJob();
  await world.curl('PATCH', `${jobPath}/deployments/production`, { enabled: false });
  refuseOnce('PATCH');
  await world.clock.advance(5 * minute);
  expect(await isReady()).toBe(true);
  expect(await notesOf('DriftCorrected')).toEqual([
    expect.stringContaining('spec.deployment.enabled: false → true'),
  ]);
});

test('a first deployment that is disabled in a second step is no drift', async () => {
  await open({ persistence: 'DB' });
  world.start();
  await apply(aManifest({}, 'another-job')); // shows the mode of the service
  expect(await world.until(() => isReady('another-job'), 5 * minute)).toBe(true);
  await apply(aManifest({ deployment: { enabled: false, schedule: '5 5 * * *' } }));
  expect(await world.until(isReady, 10 * minute)).toBe(true);
  expect(await notesOf('DriftCorrected')).toEqual([]);
});

describe('a deployment that never comes', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };
  const metadata = { namespace: 'default', name: 'files' };
  const calls = () => world.service.record.count('deploymentUpdate');
  const called = (times: number) =>
    world.until(async () => calls() === times, 3 * 60 * minute, minute);
  const isStalled = async () => (await condition('Stalled'))?.reason === 'DeploymentTimedOut';

  test('is asked for three times, which is no drift, and then waited for without haste', async () => {
    await open({ behaviour: { failDeployments: '*' } });
    world.start();
    await apply(aManifest());
    expect(await world.until(isStalled, 3 * 60 * minute, minute)).toBe(true);
    expect(calls()).toBe(3);
    expect(await notesOf('DriftCorrected')).toEqual([]);
    const reads = world.service.record.count('jobsQuery');
    await world.clock.advance(10 * pollIntervalMs);
    expect(world.service.record.count('jobsQuery') - reads).toBeLessThanOrEqual(11);
    expect(calls()).toBe(3);
  });

  test('is asked for anew once the files in its ConfigMap are mended', async () => {
    await open({ behaviour: { failDeployments: '*' } });
    world.start();
    const content = { ...configMap, metadata, data: { '10_load.py': 'old' } };
    await world.kube.create(configMapType, content);
    await apply(aManifest({ source: { configMapRef: { name: 'files' } } }));
    expect(await world.until(isStalled, 3 * 60 * minute, minute)).toBe(true);
    const body = { data: { '10_load.py': 'new' } };
    await world.kube.patch(configMapType, metadata, { kind: 'merge', body });
    await world.clock.advance(5_000);
    expect(calls()).toBe(4);
    expect((await status())?.deployment?.attempts).toBe(1);
    expect(await condition('Stalled')).toBeUndefined();
  });

  test('is asked for anew with a manifest that was mended during the last attempt', async () => {
    await open({ behaviour: { failDeployments: '*' } });
    world.start();
    await apply(aManifest());
    expect(await called(3)).toBe(true);
    await apply(aManifest(newFiles));
    expect(await called(4)).toBe(true);
    expect(world.service.record.count('sourcesUpload')).toBe(2);
    expect((await status())?.deployment?.attempts).toBe(1);
    expect(await condition('Stalled')).toBeUndefined();
  });
});

test('a deletion tells what it removed', async () => {
  await open();
  await readyJob();
  await world.kube.remove(dataJobType, name);
  await world.clock.advance(5_000);
  const reasons = (await world.events()).map(({ reason }) => reason);
  expect(reasons).toEqual(expect.arrayContaining(['Undeployed', 'JobDeleted']));
});

test('a deletion that let the job be tells why, once it has happened', async () => {
  await open();
  await readyJob({ deletionPolicy: 'Orphan' });
  world.faults.kube = (request) => (request.method === 'PATCH' ? 'refused' : undefined);
  await world.kube.remove(dataJobType, name);
  await world.clock.advance(minute);
  expect(await notesOf('JobOrphaned')).toEqual([]);
  world.faults.kube = undefined;
  await world.clock.advance(5 * minute);
  expect(await notesOf('JobOrphaned')).toEqual([expect.stringContaining('policy Orphan')]);
});

describe('a deployment that the service removes in its own time', () => {
  test('is asked for once', async () => {
    await open({ persistence: 'DB' });
    await readyJob();
    await world.kube.remove(dataJobType, name);
    await world.clock.advance(3 * minute);
    expect(writes()).toEqual(['deploymentDelete', 'dataJobDelete']);
    const told = (await world.events()).filter(({ reason }) => reason === 'Undeployed');
    expect(told.map(({ series }) => series?.count ?? 1)).toEqual([1]);
  });

  test('is asked for once, also when the deletion comes in the middle of an update', async () => {
    await open({ persistence: 'DB', behaviour: { synchronizerIntervalMs: 12 * minute } });
    world.start();
    await apply(aManifest());
    expect(await world.until(isReady, 30 * minute)).toBe(true);
    await apply(aManifest({ deployment: { enabled: false } }));
    await world.clock.advance(8 * minute);
    expect(await conditionIs('Reconciling', 'True')).toBe(true);
    await world.kube.remove(dataJobType, name);
    await world.clock.advance(4 * minute);
    expect(writes().filter((each) => each === 'deploymentDelete')).toHaveLength(1);
    expect(writes()).toContain('dataJobDelete');
  });

  test('is asked for again when somebody deploys meanwhile', async () => {
    await open({ persistence: 'DB' });
    await readyJob();
    await world.kube.remove(dataJobType, name);
    await world.clock.advance(1_000);
    const body = { job_version: 'f'.repeat(40), enabled: true };
    await world.curl('POST', `${jobPath}/deployments`, body);
    await world.clock.advance(10 * minute);
    expect((await world.curl('GET', jobPath)).status).toBe(404);
    await expect(world.dataJob(name.name)).rejects.toThrow(/not found/);
  });
});

test.each([
  { hands: 'managementPolicy Observe', spec: { managementPolicy: 'Observe' } },
  { hands: 'suspend', spec: { suspend: true } },
])('with $hands a deletion touches nothing, and the status says so before', async ({ spec }) => {
  await open();
  await readyJob();
  expect((await status())?.job?.effectiveDeletionPolicy).toBe('Delete');
  await apply(aManifest(spec));
  await world.clock.advance(5_000);
  expect((await status())?.job?.effectiveDeletionPolicy).toBe('Orphan');
  await apply(aManifest());
  await world.clock.advance(5_000);
  expect((await status())?.job?.effectiveDeletionPolicy).toBe('Delete');
  await apply(aManifest(spec));
  await world.kube.remove(dataJobType, name);
  await world.clock.advance(5_000);
  await expect(world.dataJob(name.name)).rejects.toThrow(/not found/);
  expect(world.service.record.writes()).toBe(0);
});

test('an API server that is away right after a deployment call is no reason for a second one', async () => {
  await open({ deployTimeMs: 2 * minute });
  await readyJob();
  world.faults.service = ({ method, url }) => {
    if (method === 'POST' && /deployments\?/.test(url)) world.faults.kube = () => 'refused';
    return undefined;
  };
  await apply(aManifest(newFiles));
  await world.clock.advance(minute);
  expect(world.faults.kube).toBeDefined();
  world.faults.service = undefined;
  world.faults.kube = undefined;
  expect(await world.until(isReady, 10 * minute)).toBe(true);
  expect(writes()).toEqual(['sourcesUpload', 'deploymentUpdate']);
  expect(await notesOf('SourceUploaded')).toHaveLength(2);
});

test('refused credentials that come right again are noticed, also with interval 0', async () => {
  await open();
  world.faults.service = () => new Response(null, { status: 401, headers: { 'x-opid': '1' } });
  world.start();
  await apply(aManifest({ interval: '0' }));
  await world.clock.advance(5 * minute);
  expect(await condition('Stalled')).toMatchObject({ reason: 'AuthenticationFailed' });
  world.faults.service = undefined;
  expect(await world.until(isReady, 15 * minute, 5_000)).toBe(true);
});

describe('a request to verify now', () => {
  const reads = () => world.service.record.count('dataJobRead');
  const handled = async () => (await status())?.lastHandledReconcileAt;

  test('is handled by a pass that began after it', async () => {
    await open();
    await readyJob({ interval: '0' });
    await world.curl('PATCH', `${jobPath}/deployments/production`, { enabled: false });
    let readsBefore: number | undefined;
    world.faults.kube = async (request) => {
      if (readsBefore !== undefined || !isStatusWrite(request)) return undefined;
      readsBefore = reads();
      await requestVerification('token');
      return undefined;
    };
    expect(await world.until(async () => (await handled()) === 'token', 2 * minute)).toBe(true);
    expect(reads()).toBeGreaterThan(readsBefore ?? Number.POSITIVE_INFINITY);
  });

  test('is not handled by a pass that could not look', async () => {
    await open();
    await readyJob({ interval: '0' });
    world.faults.service = () => 'refused';
    await requestVerification('token');
    await world.clock.advance(minute);
    expect(await handled()).toBeUndefined();
    world.faults.service = undefined;
    await world.clock.advance(5 * minute);
    expect(await handled()).toBe('token');
    expect(reads()).toBeGreaterThan(0);
  });
});

test('an edit that the watch shows only under our own later write is served', async () => {
  await open();
  await readyJob({ interval: '0' });
  const edited = aManifest({ interval: '0', deployment: { enabled: true, schedule: '5 5 * * *' } });
  let isCut = false;
  world.faults.kube = async (request) => {
    if (!isCut && isStatusWrite(request)) {
      isCut = true;
      world.cutWatches();
      await apply(edited);
    }
    const resumes = /[?&]watch=/.test(request.url) && !/sendInitialEvents/.test(request.url);
    const body = { kind: 'Status', code: 410, reason: 'Expired' };
    return isCut && resumes ? Response.json(body, { status: 410 }) : undefined;
  };
  await requestVerification('token');
  await world.clock.advance(1_000);
  expect(isCut).toBe(true);
  await world.clock.advance(5 * minute);
  expect(await isReady()).toBe(true);
  expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
});

test('of two objects of one second that name one job, whichever was seen first has it', async () => {
  const seeds = [1, 2, 3, 4, 5, 6]; // in some the second object has the lower uid
  for (const seed of seeds) {
    await open({ seed });
    world.start();
    await apply(aManifest({ jobName: 'orders-job' }, 'first-orders'));
    await world.clock.settle();
    await apply(aManifest({ jobName: 'orders-job' }, 'second-orders'));
    await world.clock.advance(5 * minute);
    expect(await isReady('first-orders'), `seed ${seed}`).toBe(true);
    expect(await conditionIs('Stalled', 'True', 'second-orders'), `seed ${seed}`).toBe(true);
    await world.kube.remove(dataJobType, { namespace: 'default', name: 'first-orders' });
    await world.clock.advance(5 * minute);
    expect(await isReady('second-orders'), `seed ${seed}`).toBe(true);
    await world.close();
  }
  await open();
});

test('Observe in the middle of a deployment does not call it a match', async () => {
  await open({ deployTimeMs: 20 * minute });
  world.start();
  await apply(aManifest());
  await world.clock.advance(5_000);
  await apply(aManifest({ managementPolicy: 'Observe' }));
  await world.clock.advance(5 * minute);
  expect(await condition('Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'DeploymentInProgress',
  });
  await world.clock.advance(20 * minute);
  expect(await condition('Ready')).toMatchObject({ status: 'True', reason: 'Observed' });
});

describe('an outage', () => {
  /** More than every back-off together allows; then the outage is over, so that the test ends. */
  const requestsMax = 200;
  const outage = (answer: (request: HttpRequest, number: number) => Promise<Response>) => {
    const met = { requests: 0 };
    world.faults.service = async (request) => {
      met.requests += 1;
      return met.requests > requestsMax ? undefined : await answer(request, met.requests);
    };
    return met;
  };
  const unavailable = (why: string) => {
    const body = { what: 'It does not work.', why, consequences: 'c', countermeasures: 'Wait.' };
    return Response.json(body, { status: 503, headers: { 'x-opid': '1' } });
  };

  test('reads the same whichever of two answers comes first', async () => {
    await open();
    await readyJob();
    world.kubeApi.record.clear();
    outage(async ({ url }, number) => {
      const isLate = /deployments$/.test(url) === number % 4 < 2;
      for (let round = 0; isLate && round < 5; round += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return unavailable('No reason.');
    });
    await requestVerification('token');
    await world.clock.advance(30 * minute);
    expect(statusWrites()).toHaveLength(1);
  });

  test('of half an hour costs each of twenty objects one status write, and one when it ends', async () => {
    await open();
    world.start();
    const names = Array.from({ length: 20 }, (_, index) => `job-number-${index}`);
    for (const each of names) await apply(aManifest({}, each));
    const allReady = async () => (await Promise.all(names.map(isReady))).every(Boolean);
    expect(await world.until(allReady, 3 * minute)).toBe(true);
    await world.clock.advance(2 * pollIntervalMs);
    world.service.record.clear();
    world.kubeApi.record.clear();
    let requests = 0;
    world.faults.service = () => {
      requests += 1;
      return 'refused';
    };
    await world.clock.advance(30 * minute);
    expect(await allReady()).toBe(true); // nothing takes back what was seen
    expect(statusWrites()).toHaveLength(names.length);
    // Two reads a try, and no more than a dozen tries in 20 minutes with waits of up to five.
    expect(requests).toBeLessThan(30 + names.length * 2 * 14);
    world.faults.service = undefined;
    await world.clock.advance(15 * minute);
    expect(await allReady()).toBe(true);
    expect(statusWrites()).toHaveLength(2 * names.length);
    expect(world.service.record.writes()).toBe(0);
  });

  test('whose words are others each time is met with back-off all the same', async () => {
    await open();
    await readyJob();
    const met = outage(async (_, number) => unavailable(`Reason ${number}.`));
    await requestVerification('token');
    await world.clock.advance(30 * minute);
    expect(met.requests).toBeLessThan(80);
  });
});

test('what others deployed fits into the status, however long it is', async () => {
  await open();
  await readyJob();
  const body = { job_version: 'x'.repeat(300), enabled: true };
  await world.curl('POST', `${jobPath}/deployments`, body);
  await world.clock.advance(3 * minute);
  expect(await isReady()).toBe(true);
  expect(statusWrites().filter((write) => write.status >= 400)).toEqual([]);
});

test('files are recorded as they were uploaded, not as the watch last knew them', async () => {
  await open();
  const files = { namespace: 'default', name: 'files' };
  const filled = (text: string) => ({ data: { '10_load.py': text } });
  const put = (text: string) =>
    world.kube.patch(configMapType, files, { kind: 'merge', body: filled(text) });
  const kinds = { apiVersion: 'v1', kind: 'ConfigMap', metadata: files };
  await world.kube.create(configMapType, { ...kinds, ...filled('A') });
  await readyJob({ source: { configMapRef: { name: 'files' } } });
  world.faults.kube = ({ url }) => (/configmaps\?.*watch=/.test(url) ? 'refused' : undefined);
  world.cutWatches();
  await put('B');
  await world.curl('DELETE', jobPath);
  expect(await world.until(async () => !(await isReady()), 2 * minute)).toBe(true);
  expect(await world.until(isReady, 2 * minute)).toBe(true);
  world.service.record.clear();
  await put('A');
  world.faults.kube = undefined;
  await world.clock.advance(3 * minute);
  expect(writes()).toEqual(['sourcesUpload', 'deploymentUpdate']);
});

test.each(['K8S', 'DB'] as const)(
  'a disabled job is the first that a service ever deploys (mode %s)',
  async (persistence) => {
    await open({ persistence });
    world.start();
    await apply(aManifest({ deployment: { enabled: false, schedule: '5 5 * * *' } }));
    expect(await world.until(isReady, 10 * minute)).toBe(true);
    const job = await (await world.curl('GET', jobPath)).json();
    expect(job).toMatchObject({ config: { schedule: { schedule_cron: '5 5 * * *' } } });
    const deployed = await (await world.curl('GET', `${jobPath}/deployments`)).json();
    expect(deployed).toMatchObject([{ enabled: false }]);
  },
);

test('an outage does not take back what Observe has found', async () => {
  await open();
  world.start();
  await apply(aManifest({ managementPolicy: 'Observe' }));
  expect(await world.until(isReady, minute)).toBe(true);
  const found = (await status())?.pendingChanges;
  expect(found).not.toEqual([]);
  world.faults.service = () => 'refused';
  await requestVerification('token');
  await world.clock.advance(minute);
  expect((await condition('Reconciling'))?.reason).toBe('ProgressingWithRetry');
  expect((await status())?.pendingChanges).toEqual(found);
});

test('Deployed is taken back when the job is gone and cannot be made anew', async () => {
  await open();
  await readyJob();
  await world.curl('DELETE', jobPath);
  world.faults.service = ({ method }) => (method === 'POST' ? 'refused' : undefined);
  await world.clock.advance(3 * minute);
  expect(await condition('Deployed')).toMatchObject({ status: 'False', reason: 'NotDeployed' });
  world.faults.service = undefined;
  expect(await world.until(isReady, 6 * minute)).toBe(true);
  expect(await notesOf('DriftCorrected')).toHaveLength(1);
});

test('a deployment is seen also while the bulk read is out of order', async () => {
  await open();
  world.faults.service = ({ url }) => (/jobs\?query=/.test(url) ? 'refused' : undefined);
  world.start();
  await apply(aManifest());
  expect(await world.until(isReady, 12 * minute, 5_000)).toBe(true);
});

test.each(['K8S', 'DB', 'BOTH'] as const)(
  'two edits within a second are both served soon (mode %s)',
  async (persistence) => {
    await open({ persistence });
    await readyJob();
    await apply(aManifest({ description: 'Other words' }));
    await world.clock.advance(1_000);
    const deployment = { enabled: true, schedule: '5 5 * * *' };
    await apply(aManifest({ description: 'Other words', deployment }));
    expect(await world.until(isReady, 3 * minute)).toBe(true);
    expect((await status())?.deployment?.schedule).toBe('5 5 * * *');
  },
);

test('an interval of a millisecond is no reason to ask the service all the time', async () => {
  await open();
  await readyJob({ interval: '1ms' });
  await world.clock.advance(minute);
  expect(world.service.record.count('dataJobRead')).toBeLessThanOrEqual(7);
});

describe('what stands in the way is noticed to be gone, within a poll', () => {
  const create = (team: string) =>
    world.curl('POST', `/data-jobs/for-team/${team}/jobs`, {
      job_name: name.name,
      team,
      config: {},
    });
  test.each([
    { team: 'sales', reason: 'AlreadyExists' },
    { team: 'finance', reason: 'NameConflict' },
  ])('a job of team $team', async ({ team, reason }) => {
    await open();
    await create(team);
    world.start();
    await apply(aManifest({ interval: '0' }));
    await world.clock.advance(2 * minute);
    expect(await condition('Stalled')).toMatchObject({ reason });
    await world.curl('DELETE', `/data-jobs/for-team/${team}/jobs/${name.name}`);
    expect(await world.until(isReady, 1.5 * pollIntervalMs)).toBe(true);
  });

  test('files that cannot be uploaded', async () => {
    await open();
    world.start();
    const metadata = { namespace: 'default', name: 'files' };
    const content = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} };
    await world.kube.create(configMapType, content);
    await apply(aManifest({ interval: '0', source: { configMapRef: { name: 'files' } } }));
    await world.clock.advance(minute);
    expect(await condition('Stalled')).toMatchObject({ reason: 'InvalidSource' });
    const body = { data: { '10_load.py': 'def run(job_input): pass' } };
    await world.kube.patch(configMapType, metadata, { kind: 'merge', body });
    expect(await world.until(isReady, 20_000)).toBe(true);
  });
});

test('new files whose deployment fails at first are no drift', async () => {
  await open();
  const metadata = { namespace: 'default', name: 'files' };
  const content = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { '10_load.py': 'old' } };
  await world.kube.create(configMapType, content);
  await readyJob({ source: { configMapRef: { name: 'files' } } });
  let isRefused = false;
  world.faults.service = ({ url }) => {
    if (isRefused || !/deployments\?/.test(url)) return undefined;
    isRefused = true;
    return 'refused';
  };
  const body = { data: { '10_load.py': 'new' } };
  await world.kube.patch(configMapType, metadata, { kind: 'merge', body });
  await world.clock.advance(2_000);
  expect(isRefused).toBe(true);
  expect(await world.until(isReady, minute)).toBe(true);
  expect(writes()).toEqual(['sourcesUpload', 'deploymentUpdate']);
  expect(await notesOf('DriftCorrected')).toEqual([]);
});

test('a deletion that two contradicting answers hold back says so', async () => {
  await open();
  await readyJob();
  world.faults.service = ({ method, url }) =>
    method === 'GET' && url.endsWith('/jobs/ingest-orders')
      ? new Response(null, { status: 404, headers: { 'x-opid': '1' } })
      : undefined;
  await world.kube.remove(dataJobType, name);
  await world.clock.advance(5 * minute);
  expect(await condition('Ready')).toMatchObject({
    status: 'False',
    message: expect.stringMatching(/says at the same moment that the job does not exist/),
  });
  world.faults.service = undefined;
  await world.clock.advance(6 * minute);
  await expect(world.dataJob(name.name)).rejects.toThrow(/not found/);
  expect((await world.curl('GET', jobPath)).status).toBe(404);
});

test('a deletion of what was moved to another team tells that it was left there', async () => {
  await open();
  await readyJob();
  await world.curl('PUT', `${jobPath}/team/finance`);
  await world.clock.advance(2 * minute);
  expect(await condition('Stalled')).toMatchObject({
    reason: 'NameConflict',
    message: expect.stringMatching(/team finance/),
  });
  await world.kube.remove(dataJobType, name);
  await world.clock.advance(minute);
  await expect(world.dataJob(name.name)).rejects.toThrow(/not found/);
  expect(await notesOf('JobOrphaned')).toEqual([expect.stringMatching(/team finance/)]);
});
