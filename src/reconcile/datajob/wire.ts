/**
 * Between the service's JSON and our words, both ways, with all normalisation in one place: null,
 * missing and `[]` alike, a schedule as text, dates as instants to the millisecond.
 */
import { splitDescription, withMarker } from './marker.ts';
import type { Contacts, Desired, JobConfig, ObservedDeployment, ObservedJob } from './model.ts';

/** A missing value, as the service writes it. */
type Maybe<T> = T | null | undefined;

interface WireContacts {
  readonly notified_on_job_deploy?: Maybe<readonly string[]>;
  readonly notified_on_job_success?: Maybe<readonly string[]>;
  readonly notified_on_job_failure_user_error?: Maybe<readonly string[]>;
  readonly notified_on_job_failure_platform_error?: Maybe<readonly string[]>;
}

/** The parts of the service's `DataJob` that are compared. */
export interface WireJob {
  readonly description?: Maybe<string>;
  readonly config?: Maybe<{
    readonly schedule?: Maybe<{ readonly schedule_cron?: Maybe<string> }>;
    readonly contacts?: Maybe<WireContacts>;
    readonly enable_execution_notifications?: Maybe<boolean>;
    readonly notification_delay_period_minutes?: Maybe<number>;
    readonly generate_keytab?: Maybe<boolean>;
    readonly db_default_type?: Maybe<string>;
  }>;
}

/** The parts of the service's `DataJobDeploymentStatus` that are compared. */
export interface WireDeployment {
  readonly id?: Maybe<string>;
  readonly job_version?: Maybe<string>;
  readonly enabled?: Maybe<boolean>;
  readonly python_version?: Maybe<string>;
  readonly vdk_version?: Maybe<string>;
  readonly schedule?: Maybe<{ readonly schedule_cron?: Maybe<string> }>;
  readonly last_deployed_date?: Maybe<string>;
  readonly last_deployed_by?: Maybe<string>;
}

/** One job of the bulk read (GraphQL names). */
export interface BulkRow {
  readonly jobName: string;
  readonly config?: Maybe<{
    readonly team?: Maybe<string>;
    readonly description?: Maybe<string>;
    readonly generateKeytab?: Maybe<boolean>;
    readonly schedule?: Maybe<{ readonly scheduleCron?: Maybe<string> }>;
    readonly contacts?: Maybe<{ readonly [K in keyof Contacts]?: Maybe<readonly string[]> }>;
  }>;
  readonly deployments?: Maybe<
    readonly {
      readonly id?: Maybe<string>;
      readonly enabled?: Maybe<boolean>;
      readonly jobVersion?: Maybe<string>;
      readonly jobPythonVersion?: Maybe<string>;
      readonly vdkVersion?: Maybe<string>;
      readonly lastDeployedDate?: Maybe<string>;
      readonly lastDeployedBy?: Maybe<string>;
    }[]
  >;
}

/** What POST and PUT of a job carry: always every field, because PUT replaces all of them. */
export function jobBody({ team, jobName, config, marker }: JobBodyParts) {
  return {
    ...releasedJobBody({ team, jobName, config }),
    description: withMarker(config.description, marker),
  };
}

/** The same without the marker: a job that nobody manages any more. */
export function releasedJobBody({ team, jobName, config }: Omit<JobBodyParts, 'marker'>) {
  return {
    job_name: jobName,
    team,
    description: config.description,
    config: {
      schedule: { schedule_cron: config.schedule },
      contacts: {
        notified_on_job_deploy: [...config.contacts.notifiedOnJobDeploy],
        notified_on_job_success: [...config.contacts.notifiedOnJobSuccess],
        notified_on_job_failure_user_error: [...config.contacts.notifiedOnJobFailureUserError],
        notified_on_job_failure_platform_error: [
          ...config.contacts.notifiedOnJobFailurePlatformError,
        ],
      },
      enable_execution_notifications: config.enableExecutionNotifications,
      notification_delay_period_minutes: config.notificationDelayPeriodMinutes,
      generate_keytab: config.generateKeytab,
      ...(config.dbDefaultType === '' ? {} : { db_default_type: config.dbDefaultType }),
    },
  };
}

type JobBodyParts = Pick<Desired, 'team' | 'jobName' | 'config' | 'marker'>;

/** A value the service does not know stays absent, so that it differs from any wanted one. */
export function jobOfWire(job: WireJob): ObservedJob {
  const { description, marker } = splitDescription(job.description ?? '');
  const { config } = job;
  const contacts = config?.contacts;
  const read: { readonly [K in keyof JobConfig]: JobConfig[K] | undefined } = {
    description,
    schedule: config?.schedule?.schedule_cron ?? '',
    contacts: {
      notifiedOnJobDeploy: contacts?.notified_on_job_deploy ?? [],
      notifiedOnJobSuccess: contacts?.notified_on_job_success ?? [],
      notifiedOnJobFailureUserError: contacts?.notified_on_job_failure_user_error ?? [],
      notifiedOnJobFailurePlatformError: contacts?.notified_on_job_failure_platform_error ?? [],
    },
    enableExecutionNotifications: config?.enable_execution_notifications ?? undefined,
    notificationDelayPeriodMinutes: config?.notification_delay_period_minutes ?? undefined,
    generateKeytab: config?.generate_keytab ?? false,
    dbDefaultType: config?.db_default_type ?? '',
  };
  return { config: read as Partial<JobConfig>, marker };
}

export function deploymentOfWire(deployment: WireDeployment): ObservedDeployment {
  // Only a service that keeps deployments in its database fills the id, and then the schedule too.
  const inDatabase = (deployment.id ?? null) !== null;
  return {
    jobVersion: deployment.job_version ?? '',
    enabled: deployment.enabled ?? false,
    ...(inDatabase ? { schedule: deployment.schedule?.schedule_cron ?? '' } : {}),
    dateMovesOnEveryCall: !inDatabase,
    pythonVersion: deployment.python_version ?? undefined,
    vdkVersion: deployment.vdk_version ?? undefined,
    lastDeployedDate: instant(deployment.last_deployed_date),
    lastDeployedBy: deployment.last_deployed_by ?? undefined,
  };
}

/** GraphQL has no notification settings and no database type: those stay unseen. */
export function jobOfRow({ config }: BulkRow): ObservedJob {
  const { description, marker } = splitDescription(config?.description ?? '');
  const contacts = config?.contacts;
  return {
    marker,
    config: {
      description,
      schedule: config?.schedule?.scheduleCron ?? '',
      generateKeytab: config?.generateKeytab ?? false,
      contacts: {
        notifiedOnJobDeploy: contacts?.notifiedOnJobDeploy ?? [],
        notifiedOnJobSuccess: contacts?.notifiedOnJobSuccess ?? [],
        notifiedOnJobFailureUserError: contacts?.notifiedOnJobFailureUserError ?? [],
        notifiedOnJobFailurePlatformError: contacts?.notifiedOnJobFailurePlatformError ?? [],
      },
    },
  };
}

export function deploymentOfRow({ deployments }: BulkRow): ObservedDeployment | undefined {
  const deployment = deployments?.[0];
  if (deployment === undefined) return undefined;
  return {
    jobVersion: deployment.jobVersion ?? '',
    enabled: deployment.enabled ?? false,
    // In GraphQL it is the other way round: the id is null where the database keeps deployments.
    dateMovesOnEveryCall: (deployment.id ?? null) !== null,
    pythonVersion: deployment.jobPythonVersion ?? undefined,
    vdkVersion: deployment.vdkVersion ?? undefined,
    lastDeployedDate: instant(deployment.lastDeployedDate),
    lastDeployedBy: deployment.lastDeployedBy ?? undefined,
  };
}

/** The service writes up to nine digits of a second, and not always the same number of them. */
function instant(text: Maybe<string>): string | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
