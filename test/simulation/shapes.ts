/**
 * What the service has to have for a spec, in the simulation's own words: written apart from the
 * product, so that a mistake there is not repeated here.
 */
import { unzipSync } from 'fflate';
import type { DataJob } from '../../src/api/data-job.ts';

type Json = Readonly<Record<string, unknown>>;

/** One text for all settings of a job; equal texts, equal settings. */
export function settingsOfSpec({ spec }: Pick<DataJob, 'spec'>): string {
  const { config, deployment } = spec;
  return JSON.stringify([
    spec.description,
    deployment.schedule ?? '',
    config.contacts.notifiedOnJobDeploy,
    config.contacts.notifiedOnJobSuccess,
    config.contacts.notifiedOnJobFailureUserError,
    config.contacts.notifiedOnJobFailurePlatformError,
    config.enableExecutionNotifications,
    config.notificationDelayPeriodMinutes,
    config.dbDefaultType ?? '',
  ]);
}

const markerStart = 'managed by datajob-operator: ';

/** The same of a job as the service sends and takes it. */
export function settingsOfJob(job: Json): string {
  const config = (job.config ?? {}) as Json;
  const contacts = (config.contacts ?? {}) as Json;
  const list = (name: string) => (contacts[name] ?? []) as unknown[];
  const description = ((job.description ?? '') as string)
    .split('\n')
    .filter((line) => !line.startsWith(markerStart))
    .join('\n')
    .trimEnd();
  return JSON.stringify([
    description,
    ((config.schedule ?? {}) as Json).schedule_cron ?? '',
    list('notified_on_job_deploy'),
    list('notified_on_job_success'),
    list('notified_on_job_failure_user_error'),
    list('notified_on_job_failure_platform_error'),
    config.enable_execution_notifications,
    config.notification_delay_period_minutes,
    config.db_default_type ?? '',
  ]);
}

/** The uid in the ownership marker. */
export function markerUid(job: Json): string | undefined {
  const last = ((job.description ?? '') as string).split('\n').at(-1) ?? '';
  return last.startsWith(markerStart) ? / uid (\S+)$/.exec(last)?.[1] : undefined;
}

/** One text for the files of a job: names and contents. */
export function filesKey(files: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same of an uploaded archive, whose one folder has the job's name. */
export function filesKeyOfZip(zip: Uint8Array): string {
  const entries = Object.entries(unzipSync(zip)).map(([path, bytes]) => [
    path.slice(path.indexOf('/') + 1),
    new TextDecoder().decode(bytes),
  ]);
  return filesKey(Object.fromEntries(entries));
}

/** Enabled or not, and when: what a deployment call carries. */
export function runsOfSpec({ spec }: Pick<DataJob, 'spec'>): string {
  return JSON.stringify([spec.deployment.enabled, spec.deployment.schedule ?? '']);
}

export function runsOfBody(body: Json): string {
  return JSON.stringify([body.enabled, ((body.schedule ?? {}) as Json).schedule_cron ?? '']);
}
