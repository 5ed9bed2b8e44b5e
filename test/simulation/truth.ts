/**
 * What really is: objects and jobs as the servers have them, learned from what passes through them
 * and never from the operator. The oracles judge by it.
 */
import { externalJobFinalizer, orphanOnDeleteAnnotation } from '../../src/api/annotations.ts';
import { type DataJob, jobNameOf } from '../../src/api/data-job.ts';
import type { Kernel } from './kernel.ts';
import { deployTimeOf, type Plan } from './plan.ts';
import {
  type Exchange,
  jsonIn,
  type Served,
  type Servers,
  tokens,
  urls,
  type Watcher,
} from './serve.ts';
import {
  filesKey,
  filesKeyOfZip,
  markerUid,
  runsOfBody,
  runsOfSpec,
  settingsOfJob,
  settingsOfSpec,
} from './shapes.ts';

export interface KnownObject {
  /** As last written by anybody. */
  object: DataJob;
  readonly key: string;
  readonly uid: string;
  /** Since when its status waits for the deployment call that it names. */
  waitsSince: number;
  /** Since when it has said hands off without a break; undefined = it does not. */
  handsOffSince: number | undefined;
  readonly specs: Map<number, DataJob>;
  /** In the order they came: what is wanted is the last. */
  readonly settings: string[];
  readonly runs: string[];
  /** Texts of its files. */
  readonly files: string[];
}

export interface KnownJob {
  readonly name: string;
  team: string;
  /** `person`, `lookalike`, or the operator that made it. */
  readonly by: string;
  /** The object that the marker names. */
  markerUid: string | undefined;
  /** Whose histories the places below speak of. */
  holderUid: string | undefined;
  /** Places in the histories of its object that were last in force. */
  settingsAt: number;
  runsAt: number;
  sourceAt: number;
  /** As last sent, and as they were when the last deployment call took them along. */
  settings: string;
  /** Somebody else sent them: a build that lands may undo that, as the service is. */
  isForeign: boolean;
  /** undefined = nobody knows. */
  baked: string | undefined;
  readonly madeAt: number;
  /** When the last deployment call was accepted. */
  deployedAt: number;
  /** Who sent it. */
  deployedBy: string;
  /** The operator wrote to the job, and no deployment call came after it: its next run may fail. */
  isTorn: boolean;
}

export interface Truth extends Watcher {
  readonly objects: ReadonlyMap<string, KnownObject>;
  readonly jobs: ReadonlyMap<string, KnownJob>;
  /** Objects that name this job: the one that has it, then the oldest first. */
  holdersOf(jobName: string): readonly KnownObject[];
  byUid(uid: string): KnownObject | undefined;
  /** Texts of the files that the job has had to have, in order. */
  sourcesOf(jobName: string): readonly string[];
  /** The files behind a version. */
  filesOf(jobName: string, version: string): string | undefined;
  /** When somebody other than the operator last changed the job. */
  lastMeddlingAt(jobName: string): number;
  /** The same, of any job. */
  lastChangeBehindBack(): number;
  /** When a person last changed something that is wanted of the job. */
  lastWishAt(jobName: string): number;
  /** How many specs there have been, of all objects, within this time. */
  specsWithin(ms: number): number;
  /** Files of the ConfigMap now. */
  configMap(namespace: string, name: string): string | undefined;
  /** What it has had so far, in order. */
  pastOfConfigMap(namespace: string, name: string): readonly string[];
  readJob(team: string, name: string): Promise<JobNow | undefined>;
  /** Its object left it behind on purpose. */
  wasLeft(jobName: string): boolean;
  /** An object left: what oracles look at then. */
  onGone(listener: (known: KnownObject, by: string) => void): void;
  /** Grows with each change of an object. */
  readonly version: number;
}

export interface JobNow {
  readonly settings: string;
  readonly marker: string | undefined;
  readonly deployment:
    | {
        readonly enabled: boolean;
        readonly version: string;
        readonly python: string;
        readonly schedule?: string;
      }
    | undefined;
}

type Json = Record<string, unknown>;

/** The answer to a call comes before its build begins. */
const buildSlackMs = 1_000;

const nothingYet = { settingsAt: -1, runsAt: -1, sourceAt: -1 };

/** `isSplit`: several operators work at once, and none knows what the others do. */
export function createTruth(
  kernel: Kernel,
  servers: Servers,
  plan: Plan,
  isSplit: () => boolean,
): Truth {
  const objects = new Map<string, KnownObject>();
  const jobs = new Map<string, KnownJob>();
  const sources = new Map<string, string[]>();
  const uploads = new Map<string, string>();
  const configMaps = new Map<string, string>();
  const pastOfConfigMaps = new Map<string, string[]>();
  const meddled = new Map<string, number>();
  const wished = new Map<string, number>();
  const specTimes: number[] = [];
  const uids = new Map<string, KnownObject>();
  const left = new Set<string>();
  const goneListeners: ((known: KnownObject, by: string) => void)[] = [];
  let version = 0;
  const buildMs = deployTimeOf(plan) + buildSlackMs;

  const wantsFiles = (object: DataJob): string | undefined => {
    const { inline, configMapRef } = object.spec.source;
    if (inline !== undefined) return filesKey(inline.files);
    return configMaps.get(`${object.metadata.namespace}/${configMapRef?.name}`);
  };
  const noteSource = (object: DataJob) => {
    const files = wantsFiles(object);
    const name = jobNameOf(object);
    const known = sources.get(name) ?? [];
    if (files === undefined) return;
    if (known.at(-1) !== files) sources.set(name, [...known, files]);
    const own = uids.get(object.metadata.uid ?? '')?.files;
    if (own?.at(-1) !== files) own?.push(files);
  };
  const noteObject = (object: DataJob, by: string) => {
    version += 1;
    const { namespace, name, uid = '', generation = 0 } = object.metadata;
    const key = `${namespace}/${name}`;
    let known = objects.get(key);
    // It has let go of its job; that others keep the object is none of our business.
    const isGone =
      object.metadata.deletionTimestamp !== undefined &&
      object.metadata.finalizers?.includes(externalJobFinalizer) !== true;
    if (isGone && known?.uid !== uid && uids.has(uid)) return;
    if (known?.uid !== uid) {
      known = {
        object,
        key,
        uid,
        waitsSince: 0,
        handsOffSince: undefined,
        specs: new Map(),
        settings: [],
        runs: [],
        files: [],
      };
      objects.set(key, known);
      uids.set(uid, known);
    }
    const requestedAt = object.status?.deployment?.requestedAt;
    if (requestedAt !== known.object.status?.deployment?.requestedAt) {
      known.waitsSince = kernel.clock.elapsed();
    }
    known.object = object;
    known.handsOffSince = isHandsOff(object)
      ? (known.handsOffSince ?? kernel.clock.elapsed())
      : undefined;
    if (!known.specs.has(generation)) {
      known.specs.set(generation, object);
      specTimes.push(kernel.clock.elapsed());
      known.settings.push(settingsOfSpec(object));
      known.runs.push(runsOfSpec(object));
      noteSource(object);
      wished.set(jobNameOf(object), kernel.clock.elapsed());
    }
    if (isGone) drop(known, by);
    if (by === 'person') wished.set(jobNameOf(object), kernel.clock.elapsed());
  };
  const drop = (known: KnownObject, by: string) => {
    version += 1;
    objects.delete(known.key);
    for (const other of objects.values()) {
      // Whoever waited for the name wants it now.
      if (jobNameOf(other.object) === jobNameOf(known.object)) noteSource(other.object);
    }
    wished.set(jobNameOf(known.object), kernel.clock.elapsed());
    const { spec } = known.object;
    const job = jobs.get(jobNameOf(known.object));
    // Somebody wiped the marker before the status could say whose job it is: it has to be spared.
    const isUnproven = known.object.status?.job === undefined && job?.markerUid === undefined;
    const isLeft =
      by === 'person' ||
      isUnproven ||
      isHandsOff(known.object) ||
      ['Orphan', 'Undeploy'].includes(spec.deletionPolicy ?? '');
    if (isLeft) left.add(jobNameOf(known.object));
    for (const listener of goneListeners) listener(known, by);
  };

  const afterKube = ({ subject, who, method }: Exchange, served: Served) => {
    const { operation, namespace, name } = subject;
    if (operation.endsWith(' configmaps')) {
      const key = `${namespace}/${name ?? (jsonIn(served.bytes) as DataJob).metadata.name}`;
      const { data } = (jsonIn(served.bytes) ?? {}) as { data?: Record<string, string> };
      if (method === 'DELETE' || data === undefined) configMaps.delete(key);
      else {
        configMaps.set(key, filesKey(data));
        pastOfConfigMaps.set(key, [...(pastOfConfigMaps.get(key) ?? []), filesKey(data)]);
      }
      for (const { object } of objects.values()) {
        if (`${object.metadata.namespace}/${object.spec.source.configMapRef?.name}` === key) {
          noteSource(object);
          wished.set(jobNameOf(object), kernel.clock.elapsed());
        }
      }
    }
    if (!/ datajobs(\/status)?$/.test(operation)) return;
    const answer = jsonIn(served.bytes) as DataJob | undefined;
    if (answer?.kind === 'DataJob') noteObject(answer, who);
    else if (method === 'DELETE') {
      const known = objects.get(`${namespace}/${name}`);
      if (known !== undefined) drop(known, who);
    }
  };

  /** The one that asked for the deployment has ended before it could note it in the status. */
  const isUnnoted = ({ name, deployedBy }: KnownJob, who: string) =>
    deployedBy !== who && holder(name)?.object.status?.deployment?.requestedAt === undefined;
  /** A build that is under way takes back, at its end, what is sent meanwhile. */
  const noteBuild = ({ name, deployedAt }: KnownJob) => {
    const endsAt = deployedAt + buildMs;
    if (kernel.clock.elapsed() < endsAt) meddled.set(name, endsAt);
  };

  const afterService = ({ subject, who, body }: Exchange, served: Served) => {
    const { operation, name = '', team = '' } = subject;
    const sent = (typeof body === 'string' ? jsonIn(body) : undefined) as Json | undefined;
    if (who === 'person') meddled.set(name || String(sent?.job_name), kernel.clock.elapsed());
    const job = jobs.get(name);
    if (job !== undefined && job.holderUid !== holder(name)?.uid) {
      Object.assign(job, nothingYet, { holderUid: holder(name)?.uid });
    }
    switch (operation) {
      case 'POST jobs': {
        const made = String(sent?.job_name);
        const zero = {
          ...nothingYet,
          holderUid: holder(made)?.uid,
          markerUid: markerUid(sent ?? {}),
          settings: settingsOfJob(sent ?? {}),
          isForeign: who === 'person',
          baked: undefined,
          madeAt: kernel.clock.elapsed(),
          deployedAt: Number.NEGATIVE_INFINITY,
          deployedBy: '',
          isTorn: false,
        };
        // Made anew by hand under a name that our object already had: nobody can tell it from our
        // own job whose description was rewritten, and such a job stays ours.
        const object = holder(made)?.object;
        const isLookalike = object?.status?.job !== undefined && object.spec.team === team;
        jobs.set(made, { name: made, team, by: isLookalike ? 'lookalike' : who, ...zero });
        return;
      }
      case 'DELETE job':
        jobs.delete(name);
        return;
      case 'PUT job':
        if (job === undefined) return;
        // Kept in both places, a deployment shows in the one while the other still builds, and that
        // build's end takes the job back to what it was. Nothing tells: only the next look does.
        if (plan.persistence === 'BOTH' || isUnnoted(job, who)) noteBuild(job);
        job.settings = settingsOfJob(sent ?? {});
        job.isForeign = who === 'person';
        job.markerUid = markerUid(sent ?? {});
        job.isTorn = who !== 'person' && !isSplit();
        if (who !== 'person')
          job.settingsAt = lastPlace(holder(name)?.settings, settingsOfJob(sent ?? {}));
        return;
      case 'POST sources': {
        const { version_sha: sha } = jsonIn(served.bytes) as { version_sha: string };
        uploads.set(`${name} ${sha}`, filesKeyOfZip(body as Uint8Array));
        return;
      }
      case 'POST deployments':
        if (job === undefined || sent === undefined) return;
        job.baked = job.isForeign ? undefined : job.settings;
        job.deployedAt = kernel.clock.elapsed();
        job.deployedBy = who;
        job.isTorn = false;
        if (who !== 'person') {
          job.runsAt = Math.max(job.runsAt, lastPlace(holder(name)?.runs, runsOfBody(sent)));
          const files = uploads.get(`${name} ${sent.job_version}`) ?? '';
          job.sourceAt = Math.max(job.sourceAt, lastPlace(holder(name)?.files, files));
        }
        return;
      case 'PATCH deployments':
        if (job === undefined || sent === undefined) return;
        if (isUnnoted(job, who)) noteBuild(job);
        job.baked = job.isForeign ? undefined : job.settings;
        job.deployedAt = kernel.clock.elapsed();
        job.deployedBy = who;
        job.isTorn = false;
        if (who !== 'person') {
          job.runsAt = Math.max(job.runsAt, lastPlace(holder(name)?.runs, runsOfBody(sent)));
        }
    }
  };

  /**
   * Whoever has the job already holds it, also when made anew since: it may have got it before the
   * older one was heard of.
   */
  const holdersOf = (jobName: string) => {
    const marked = uids.get(jobs.get(jobName)?.markerUid ?? '')?.key;
    const ageOf = ({ object, uid, key }: KnownObject) =>
      key === marked ? '' : `${object.metadata.creationTimestamp} ${uid}`;
    return [...objects.values()]
      .filter(({ object }) => jobNameOf(object) === jobName)
      .sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  };
  const holder = (jobName: string) => holdersOf(jobName)[0];

  const read = async (path: string): Promise<unknown> => {
    const headers = { accept: 'application/json', authorization: `Bearer ${tokens.service}` };
    const url = `${urls.service}/data-jobs/for-team/${path}`;
    const { status, bytes } = await servers.serve(
      'service',
      { method: 'GET', url, headers },
      'oracle',
    );
    return status === 200 ? jsonIn(bytes) : undefined;
  };
  return {
    objects,
    jobs,
    holdersOf,
    byUid: (uid) => uids.get(uid),
    sourcesOf: (jobName) => sources.get(jobName) ?? [],
    filesOf: (jobName, sha) => uploads.get(`${jobName} ${sha}`),
    lastMeddlingAt: (jobName) => meddled.get(jobName) ?? Number.NEGATIVE_INFINITY,
    lastChangeBehindBack: () => Math.max(Number.NEGATIVE_INFINITY, ...meddled.values()),
    specsWithin: (ms) => specTimes.filter((at) => at >= kernel.clock.elapsed() - ms).length,
    lastWishAt: (jobName) => wished.get(jobName) ?? Number.NEGATIVE_INFINITY,
    configMap: (namespace, name) => configMaps.get(`${namespace}/${name}`),
    pastOfConfigMap: (namespace, name) => pastOfConfigMaps.get(`${namespace}/${name}`) ?? [],
    wasLeft: (jobName) => left.has(jobName),
    onGone: (listener) => void goneListeners.push(listener),
    async readJob(team, name) {
      const path = `${encodeURIComponent(team)}/jobs/${name}`;
      const job = (await read(path)) as Json | undefined;
      if (job === undefined) return undefined;
      const list = ((await read(`${path}/deployments`)) ?? []) as Json[];
      const [deployed] = list;
      const schedule = (deployed?.schedule as Json | undefined)?.schedule_cron as
        | string
        | undefined;
      return {
        settings: settingsOfJob(job),
        marker: markerUid(job),
        deployment: deployed && {
          enabled: deployed.enabled as boolean,
          version: deployed.job_version as string,
          python: deployed.python_version as string,
          ...(deployed.id === null || deployed.id === undefined
            ? {}
            : { schedule: schedule ?? '' }),
        },
      };
    },
    get version() {
      return version;
    },
    before: () => undefined,
    after(exchange, served) {
      if (!exchange.subject.isWrite || served.status >= 300) return;
      if (exchange.side === 'kube') afterKube(exchange, served);
      else afterService(exchange, served);
    },
  };
}

/** Spec, suspension or annotation that forbid touching the job. */
export function isHandsOff({ metadata, spec }: DataJob): boolean {
  return (
    spec.suspend ||
    spec.managementPolicy === 'Observe' ||
    metadata.annotations?.[orphanOnDeleteAnnotation] === 'true'
  );
}

export function hasFinalizer({ object }: KnownObject): boolean {
  return object.metadata.finalizers?.includes(externalJobFinalizer) === true;
}

/** -1 = it was never wanted. */
export function lastPlace(history: readonly string[] = [], text: string): number {
  return history.lastIndexOf(text);
}
