/**
 * Deployments kept in the cluster. A POST starts a build in the background, which ends in a CronJob
 * or in an outcome that only the gauge shows; PATCH and DELETE act on the CronJob at once. Builds
 * live in this process alone: when it ends, they are lost without a trace.
 */
import { isKubernetesCron } from '../cron.ts';
import { type DeployedRow, defaultResources, type JobRow } from '../model.ts';
import type { DeploymentBody } from '../web/bodies.ts';
import { constraint } from '../web/failures.ts';
import { type Base, matchesGlob, setDeploymentOutcome } from '../world.ts';
import { defaultPythonVersion, defaultVdkVersion, notDeployed } from './checks.ts';

export interface ClusterDeployments {
  get(jobName: string): DeployedRow | undefined;
  post(job: JobRow, body: DeploymentBody, user: string | null): void;
  patch(job: JobRow, body: DeploymentBody, user: string | null): void;
  /** Cancels a build and removes the CronJob. */
  remove(jobName: string): void;
  close(): void;
}

/** Inside this time after a POST the next one loses to it: both share one builder's name. */
const overlapMs = 1_000;

interface Build {
  readonly startedMs: number;
  readonly cancel: () => void;
}

export function createClusterDeployments(base: Base): ClusterDeployments {
  const { settings, store } = base;
  const { clock } = settings;
  const builds = new Map<string, Build>();

  const abandon = (jobName: string) => {
    builds.get(jobName)?.cancel();
    builds.delete(jobName);
  };
  const start = (job: JobRow, wanted: Wanted) => {
    const startedMs = clock.elapsed();
    const fails = buildFails(base, job.name);
    const cancel = clock.after(fails ? settings.builderWaitMs : settings.deployTimeMs, () => {
      builds.delete(job.name);
      store.transaction(() => {
        if (fails || settings.isDown('KUBERNETES'))
          setDeploymentOutcome(store, job.name, 'PLATFORM_ERROR');
        else land(base, job, wanted);
      });
    });
    builds.set(job.name, { startedMs, cancel });
  };
  return {
    get: (jobName) => store.cronJobs.get(jobName),
    post(job, body, user) {
      const running = builds.get(job.name);
      if (running !== undefined && clock.elapsed() - running.startedMs < overlapMs) {
        setDeploymentOutcome(store, job.name, 'PLATFORM_ERROR');
        return;
      }
      abandon(job.name);
      const wanted = mergedPost(base, store.cronJobs.get(job.name), body, user);
      if (wanted === undefined) setDeploymentOutcome(store, job.name, 'PLATFORM_ERROR');
      else start(job, wanted);
    },
    patch(job, body, user) {
      const deployed = store.cronJobs.get(job.name);
      if (deployed === undefined) throw notDeployed(job.name);
      const merged = mergedPatch(deployed, body);
      install(base, job, { ...merged, deployedBy: user }, {});
    },
    remove(jobName) {
      abandon(jobName);
      store.cronJobs.delete(jobName);
      setDeploymentOutcome(store, jobName, 'SUCCESS', { enabled: null });
    },
    close() {
      for (const jobName of [...builds.keys()]) abandon(jobName);
    },
  };
}

/** A build that outlasts the builder's wait has failed too. */
export function buildFails({ settings }: Base, jobName: string): boolean {
  const tooSlow = settings.deployTimeMs > settings.builderWaitMs;
  return tooSlow || matchesGlob(settings.failDeployments, jobName);
}

type Wanted = Pick<
  DeployedRow,
  'jobVersion' | 'pythonVersion' | 'vdkVersion' | 'enabled' | 'deployedBy'
>;

/** Undefined when no version is known: such a deployment fails before anything is built. */
function mergedPost(
  { settings }: Base,
  old: DeployedRow | undefined,
  body: DeploymentBody,
  deployedBy: string | null,
): Wanted | undefined {
  const jobVersion = body.job_version ?? old?.jobVersion;
  if (jobVersion === undefined) return undefined;
  const pythonVersion = body.python_version ?? old?.pythonVersion ?? defaultPythonVersion(settings);
  // Another python version brings its own VDK, even over one that the request names.
  const pythonChanges = old !== undefined && old.pythonVersion !== pythonVersion;
  const chosen = pythonChanges ? undefined : (body.vdk_version ?? old?.vdkVersion);
  return {
    jobVersion,
    pythonVersion,
    vdkVersion: chosen ?? defaultVdkVersion(pythonVersion),
    enabled: body.enabled ?? old?.enabled ?? true,
    deployedBy,
  };
}

function mergedPatch(deployed: DeployedRow, body: DeploymentBody): DeployedRow {
  const { job_version: version, python_version: python } = body;
  if (version != null && version !== deployed.jobVersion) {
    throw constraint(
      'job_version',
      'same as the current job version when using PATCH request.',
      version,
      'Use POST HTTP request to change job version.',
    );
  }
  if (python != null && python !== deployed.pythonVersion) {
    throw constraint(
      'python_version',
      `same as the current python version -- ${deployed.pythonVersion} -- when using PATCH request.`,
      python,
      'Use POST HTTP request to change python version.',
    );
  }
  return {
    ...deployed,
    vdkVersion: body.vdk_version ?? deployed.vdkVersion,
    enabled: body.enabled ?? deployed.enabled,
  };
}

/**
 * The end of a build: it still holds the job as it was when the build began, and saves that whole
 * row when `enabled` differs from it, which undoes a PUT made in between.
 */
function land(base: Base, jobThen: JobRow, wanted: Wanted): void {
  if (base.store.jobs.get(jobThen.name) === undefined) return;
  const undone = jobThen.enabled === wanted.enabled ? {} : jobThen;
  install(base, jobThen, wanted, undone);
}

/** Writes the CronJob, if the cluster takes its schedule; the job's row tells how that went. */
function install(base: Base, job: JobRow, wanted: Wanted, changes: Partial<JobRow>): void {
  const { store } = base;
  const { schedule } = job;
  if (schedule && !isKubernetesCron(schedule)) {
    setDeploymentOutcome(store, job.name, 'USER_ERROR');
    return;
  }
  store.cronJobs.put(job.name, {
    jobName: job.name,
    jobVersion: wanted.jobVersion,
    pythonVersion: wanted.pythonVersion,
    vdkVersion: wanted.vdkVersion,
    enabled: wanted.enabled,
    deployedBy: wanted.deployedBy,
    schedule,
    resources: defaultResources,
    deployedAtUs: base.stampUs(),
  });
  setDeploymentOutcome(store, job.name, 'SUCCESS', { ...changes, enabled: wanted.enabled });
}
