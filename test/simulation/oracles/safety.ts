/**
 * What must hold at every step, judged on what the servers have: S1 to S15 of the fault matrix, as
 * far as their features exist. Each check names the invariant that it guards.
 */

import { type Condition, conditionOf } from '../../../src/api/conditions.ts';
import { type DataJob, jobNameOf } from '../../../src/api/data-job.ts';
import type { Kernel } from '../kernel.ts';
import type { Line, Sent } from '../network.ts';
import { type Exchange, jsonIn, type Served, tokens, type Watcher } from '../serve.ts';
import {
  filesKey,
  filesKeyOfZip,
  markerUid,
  runsOfBody,
  settingsOfJob,
  settingsOfSpec,
} from '../shapes.ts';
import { hasFinalizer, isHandsOff, type KnownObject, lastPlace, type Truth } from '../truth.ts';

export type Report = (oracle: string, what: string) => void;

export interface SafetyOptions {
  readonly kernel: Kernel;
  readonly truth: Truth;
  readonly report: Report;
  /** Two operators at once: what needs a leader is not asked of them. */
  readonly isSplit: () => boolean;
  /** How late the operator may hear of what persons change. */
  readonly staleViewMs: number;
}

export interface Safety extends Watcher {
  onSent(sent: Sent): void;
  onAnswered(sent: Sent, served: Served | undefined): void;
}

type Json = Record<string, unknown>;

/** Somebody may be faster than an answer is on its way. */
const raceMs = 5_000;
/** What a person changes behind our back is seen by the next poll or two. */
const driftSeenMs = 150_000;
const isOperator = (who: string) => !['person', 'lookalike', 'oracle'].includes(who);

export function createSafety({
  kernel,
  truth,
  report,
  isSplit,
  staleViewMs,
}: SafetyOptions): Safety {
  const now = () => kernel.clock.elapsed();
  /** What each operator was last told of a job: its status. And when it last began to ask. */
  const lastRead = new Map<string, number>();
  const readAt = new Map<string, number>();
  /** A pass begins with reads: what it did not know then, it need not heed. */
  const mayNotKnow = (who: string, jobName: string) =>
    (readAt.get(`${who} ${jobName}`) ?? now()) < truth.lastWishAt(jobName) + staleViewMs;
  const writing = new Map<Line, Map<string, number>>();
  /** Objects that somebody freed by hand: nothing is promised for them. */
  const bound = new Set<string>();

  truth.onGone((known, by) => {
    const jobName = jobNameOf(known.object);
    const job = truth.jobs.get(jobName);
    if (job === undefined || !isOperator(job.by) || by === 'person') return;
    if (!bound.has(known.uid) || truth.wasLeft(jobName) || known.uid !== job.holderUid) return;
    report('S6', `the object ${known.key} is gone and its job ${jobName} is left`);
  });

  const checkCreate = (exchange: Exchange, body: Json) => {
    const jobName = String(body.job_name);
    const known = truth.byUid(markerUid(body) ?? '');
    const { who } = exchange;
    if (known === undefined) return report('S5', `a create of ${jobName} for no object`);
    if (isSplit()) return; // one of them may act on what the other has removed
    const isHere = truth.objects.get(known.key)?.uid === known.uid;
    if (!isHere || !hasFinalizer(known)) {
      report(
        'S6',
        `${jobName} is created while ${known.key} ${isHere ? 'has no finalizer' : 'is gone'}`,
      );
    }
    const [oldest] = truth.holdersOf(jobName);
    if (oldest !== undefined && oldest.uid !== known.uid && !mayNotKnow(who, jobName)) {
      report('S3', `${jobName} is created for ${known.key} though ${oldest.key} is older`);
    }
  };

  /** As it is sent: when it is carried out, more may be known. */
  const checkIsAbsent = (who: string, jobName: string) => {
    if (truth.jobs.has(jobName) || isSplit()) return; // a name that is taken is refused
    if (lastRead.get(`${who} ${jobName}`) !== 404) {
      report('S4', `${jobName} is created without having been read as absent`);
    }
    lastRead.delete(`${who} ${jobName}`);
  };

  const checkDeletion = (who: string, jobName: string) => {
    const [holder] = truth.holdersOf(jobName);
    if (isSplit()) return;
    if (holder === undefined) return report('S5', `${jobName} is deleted for no object`);
    const policy = holder.object.spec.deletionPolicy ?? 'Delete';
    if (holder.object.metadata.deletionTimestamp === undefined) {
      report('S3', `${jobName} is deleted or undeployed while its holder ${holder.key} lives`);
    } else if (policy === 'Orphan' || isHandsOff(holder.object)) {
      if (mayNotKnow(who, jobName)) return;
      report('S2', `${jobName} is deleted or undeployed against the policy of ${holder.key}`);
    }
  };

  const checkOwnership = (jobName: string, operation: string) => {
    const job = truth.jobs.get(jobName);
    if (job?.by !== 'person') return;
    // A job that somebody deleted and made anew under our name is found out by the next read.
    if (now() - truth.lastMeddlingAt(jobName) < raceMs) return;
    report('S2', `${operation} writes to ${jobName}, a job of others`);
  };

  /** Nothing older than what is in force already. */
  const checkOrder = (exchange: Exchange, jobName: string, body: Json) => {
    const job = truth.jobs.get(jobName);
    const [holder] = truth.holdersOf(jobName);
    if (job === undefined || holder === undefined || job.holderUid !== holder.uid || isSplit())
      return;
    const { operation } = exchange.subject;
    if (operation === 'PUT job') {
      const place = lastPlace(holder.settings, settingsOfJob(body));
      const isReleased = holder.object.metadata.deletionTimestamp !== undefined;
      if (place < job.settingsAt && !isReleased)
        report('S7', `${operation} of ${jobName} takes its settings back`);
      return;
    }
    const place = lastPlace(holder.runs, runsOfBody(body));
    const isFirstOfDisabled =
      operation === 'POST deployments' && JSON.stringify(body.schedule) === '{"schedule_cron":""}';
    if (place < job.runsAt && !isFirstOfDisabled)
      report('S7', `${operation} of ${jobName} takes its schedule back`);
    if (operation !== 'POST deployments') return;
    const files = truth.filesOf(jobName, String(body.job_version));
    if (files === undefined) return report('S15', `${jobName}: an unknown version is deployed`);
    const at = lastPlace(holder.files, files);
    // An older spec with newer content of its ConfigMap: a mix that was never wanted as a whole.
    if ((at < 0 || isContentNow(holder, files)) && mayNotKnow(exchange.who, jobName)) return;
    if (at < 0) report('S15', `${jobName}: files are deployed that were never wanted`);
    else if (at < job.sourceAt) {
      report('S15', `${jobName}: older files are deployed over newer ones`);
    }
  };

  /** Of a ConfigMap that one of its specs names. */
  const isContentNow = ({ specs }: KnownObject, files: string) =>
    [...specs.values()].some(({ spec, metadata }) => {
      const { configMapRef } = spec.source;
      return configMapRef && truth.configMap(metadata.namespace, configMapRef.name) === files;
    });

  const beforeService = (exchange: Exchange) => {
    const { subject, body } = exchange;
    const sent = ((typeof body === 'string' ? jsonIn(body) : undefined) ?? {}) as Json;
    const jobName = subject.name ?? '';
    if (subject.operation === 'POST jobs') {
      // A name that is taken is refused by the service: nothing can go wrong there.
      return truth.jobs.has(String(sent.job_name)) ? undefined : checkCreate(exchange, sent);
    }
    checkOwnership(jobName, subject.operation);
    if (subject.operation.startsWith('DELETE')) return checkDeletion(exchange.who, jobName);
    if (subject.operation === 'POST sources') {
      const files = filesKeyOfZip(body as Uint8Array);
      if (mayNotKnow(exchange.who, jobName)) return;
      if (!truth.sourcesOf(jobName).includes(files))
        report('S15', `${jobName}: files are uploaded that nobody wants`);
      return;
    }
    const uid = markerUid(sent);
    const [holder] = truth.holdersOf(jobName);
    if (uid !== undefined && uid !== holder?.uid && !mayNotKnow(exchange.who, jobName)) {
      report(
        truth.byUid(uid) === undefined ? 'S5' : 'S3',
        `${subject.operation} of ${jobName} is not its holder's`,
      );
    }
    const { handsOffSince = Number.POSITIVE_INFINITY } = holder ?? {};
    const at = readAt.get(`${exchange.who} ${jobName}`) ?? now();
    if (holder !== undefined && at > handsOffSince + staleViewMs) {
      report('S2', `${subject.operation} of ${jobName}, though ${holder.key} says hands off`);
    }
    checkOrder(exchange, jobName, sent);
  };

  const beforeKube = async ({ subject, body, url }: Exchange) => {
    const text = typeof body === 'string' ? body : '';
    checkSecrets(text, `${subject.operation} ${url.pathname}`, report);
    if (subject.operation !== 'PATCH datajobs/status') return;
    const known = truth.objects.get(`${subject.namespace}/${subject.name}`);
    const patch = jsonIn(text) as Pick<DataJob, 'metadata' | 'status'>;
    if (known === undefined || known.uid !== patch.metadata.uid) return;
    // Refused, as somebody else was faster.
    if (known.object.metadata.resourceVersion !== patch.metadata.resourceVersion) return;
    if (isSplit()) return;
    checkStatus(known.object.status, patch.status, known.key, report);
    await checkReady(known, patch.status);
  };

  /** Ready=True with a generation only if the service matches that generation. */
  const checkReady = async (known: KnownObject, status: DataJob['status']) => {
    const ready = conditionOf(status?.conditions, 'Ready');
    const before = conditionOf(known.object.status?.conditions, 'Ready');
    if (ready?.status !== 'True' || ready.reason === 'Observed') return;
    if (before?.status === 'True' && before.observedGeneration === ready.observedGeneration) return;
    const spec = known.specs.get(ready.observedGeneration);
    if (spec === undefined)
      return report('S8', `${known.key} is Ready at a generation it never had`);
    const jobName = jobNameOf(spec);
    if (now() - truth.lastMeddlingAt(jobName) < driftSeenMs) return;
    for (const what of await differences(truth, spec, 'then')) {
      report(
        'S8',
        `${known.key} says Ready at generation ${ready.observedGeneration}, but ${what}`,
      );
    }
  };

  return {
    onSent({ line, side, request, subject }) {
      checkSecrets(
        `${request.url} ${typeof request.body === 'string' ? request.body : ''}`,
        'a request',
        report,
      );
      if (subject.operation === 'GET job') readAt.set(`${line.id} ${subject.name}`, now());
      if (!subject.isWrite) return;
      if (line.isStopping())
        report('S10', `${subject.operation} is sent after the operator was told to stop`);
      if (side !== 'service') return;
      const jobName = subject.name ?? String((jsonIn(request.body) as Json | undefined)?.job_name);
      if (subject.operation === 'POST jobs') checkIsAbsent(line.id, jobName);
      const open = writing.get(line) ?? new Map<string, number>();
      writing.set(line, open);
      const count = (open.get(jobName) ?? 0) + 1;
      open.set(jobName, count);
      // Two objects of one second that name one job: the marker, read back, decides.
      if (count > 1 && truth.holdersOf(jobName).length < 2) {
        report('S9', `${subject.operation}: two writes to ${jobName} are under way at once`);
      }
    },
    onAnswered({ line, side, request, subject }, served) {
      if (side !== 'service') return;
      // Another object that names this job may have got a web page, which says nothing of the job.
      const isJob = served?.status === 200 && jsonIn(served.bytes) !== undefined;
      if (subject.operation === 'GET job' && (isJob || served?.status === 404)) {
        lastRead.set(`${line.id} ${subject.name}`, served.status);
      }
      if (!subject.isWrite) return;
      const jobName = subject.name ?? String((jsonIn(request.body) as Json | undefined)?.job_name);
      const open = writing.get(line);
      open?.set(jobName, (open.get(jobName) ?? 1) - 1);
    },
    async before(exchange) {
      if (!isOperator(exchange.who) || !exchange.subject.isWrite) return;
      if (exchange.side === 'service') beforeService(exchange);
      else await beforeKube(exchange);
    },
    after(exchange: Exchange, served: Served) {
      const { side, subject, who } = exchange;
      if (side !== 'kube' || served.status >= 300 || !subject.isWrite) return;
      const answer = jsonIn(served.bytes) as DataJob | undefined;
      if (answer?.kind !== 'DataJob') return;
      const { uid = '', finalizers = [] } = answer.metadata;
      if (finalizers.length > 0) bound.add(uid);
      else if (who === 'person') bound.delete(uid);
    },
  };
}

export function checkSecrets(text: string, where: string, report: Report): void {
  for (const token of Object.values(tokens)) {
    if (text.includes(token)) report('S11', `a token got into ${where}`);
  }
  if (text.includes(contentCanary)) report('S11', `the content of a file got into ${where}`);
}

/** Stands in the files of jobs, which belong nowhere but in an upload. */
export const contentCanary = 'canary-content-2342';

/** Longer texts are no help to anybody, and a way to fill the API server. */
const messageMax = 2_000;

function checkStatus(
  before: DataJob['status'],
  patch: DataJob['status'],
  key: string,
  report: Report,
): void {
  const seen = before?.observedGeneration ?? -1;
  if ((patch?.observedGeneration ?? seen) < seen)
    report('S8', `observedGeneration of ${key} goes back`);
  const observed = patch?.observedGeneration ?? seen;
  const ready = conditionOf(patch?.conditions ?? before?.conditions, 'Ready');
  if (ready?.status === 'True' && ready.observedGeneration !== observed) {
    // Whoever compares generations, as kstatus does, takes Ready for a word on the observed one.
    report('S8', `${key} observed ${observed} and is Ready at ${ready.observedGeneration}`);
  }
  for (const next of patch?.conditions ?? []) {
    const old: Condition | undefined = conditionOf(before?.conditions, next.type);
    if (old?.status === next.status && old.lastTransitionTime !== next.lastTransitionTime) {
      report('S8', `${key}: the transition time of ${next.type} moves, and its status does not`);
    }
    if (next.message.length > messageMax)
      report('S11', `${key}: a condition of ${next.message.length} characters`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u0008\u000b-\u001f]/.test(next.message))
      report('S11', `${key}: control characters in a condition`);
  }
}

/** How the service differs from what this object wants of it, or wanted when it said so. */
export async function differences(
  truth: Truth,
  object: DataJob,
  when: 'now' | 'then',
): Promise<readonly string[]> {
  const { spec, metadata } = object;
  const jobName = jobNameOf(object);
  const job = await truth.readJob(spec.team, jobName);
  if (job === undefined) return [`there is no job ${jobName}`];
  const found: string[] = [];
  const wanted = settingsOfSpec(object);
  if (job.settings !== wanted) found.push(`its settings are ${job.settings}, not ${wanted}`);
  if (job.marker !== metadata.uid) found.push(`its marker names ${job.marker}`);
  const { deployment } = job;
  if (deployment === undefined) return [...found, 'nothing is deployed'];
  if (deployment.enabled !== spec.deployment.enabled)
    found.push(`it is enabled: ${deployment.enabled}`);
  if ('schedule' in deployment && deployment.schedule !== (spec.deployment.schedule ?? '')) {
    found.push(`its schedule in force is ${deployment.schedule}`);
  }
  if (
    spec.deployment.pythonVersion !== undefined &&
    deployment.python !== spec.deployment.pythonVersion
  ) {
    found.push(`its python is ${deployment.python}`);
  }
  const { baked, isTorn } = truth.jobs.get(jobName) ?? {};
  if (isTorn) found.push('the job was written, and no deployment call came after it');
  if (baked !== undefined && baked !== wanted)
    found.push(`the settings in the deployment are ${baked}`);
  const { inline, configMapRef } = spec.source;
  const files = truth.filesOf(jobName, deployment.version);
  const place = [metadata.namespace, configMapRef?.name ?? ''] as const;
  const wantedFiles = inline === undefined ? truth.configMap(...place) : filesKey(inline.files);
  // It may have moved on since: what it held at that time cannot be told apart.
  const mayHaveMoved = when === 'then' && configMapRef !== undefined;
  const fitting = mayHaveMoved ? truth.pastOfConfigMap(...place).slice(-3) : [wantedFiles];
  if (files === undefined || !fitting.includes(files)) {
    found.push(`other files are deployed (version ${deployment.version})`);
  }
  return found;
}
