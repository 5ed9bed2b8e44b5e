/** The rows that the embedded Control Service keeps. */

export type DeploymentOutcome = 'NONE' | 'SUCCESS' | 'PLATFORM_ERROR' | 'USER_ERROR';

export type ExecutionStatus =
  | 'submitted'
  | 'running'
  | 'succeeded'
  | 'cancelled'
  | 'skipped'
  | 'user_error'
  | 'platform_error';

export interface Contacts {
  readonly notified_on_job_failure_user_error: readonly string[];
  readonly notified_on_job_failure_platform_error: readonly string[];
  readonly notified_on_job_success: readonly string[];
  readonly notified_on_job_deploy: readonly string[];
}

export interface JobRow {
  readonly name: string;
  readonly team: string;
  readonly description: string | null;
  readonly dbDefaultType: string | null;
  readonly schedule: string | null;
  readonly contacts: Contacts;
  readonly generateKeytab: boolean;
  readonly enableNotifications: boolean | null;
  readonly notificationDelayMinutes: number | null;
  readonly hasKeytab: boolean;
  /** The run-time columns: a job PUT resets them. */
  readonly enabled: boolean | null;
  readonly deploymentStatus: DeploymentOutcome;
  readonly lastExecution: {
    readonly status: ExecutionStatus;
    readonly time: string;
    readonly durationSeconds: number;
  } | null;
}

export interface Resources {
  readonly cpu_request: number;
  readonly cpu_limit: number;
  readonly memory_request: number;
  readonly memory_limit: number;
}

/** The service's own limits of a run. */
export const defaultResources: Resources = {
  cpu_request: 1,
  cpu_limit: 2,
  memory_request: 500,
  memory_limit: 1000,
};

/** What is deployed: a CronJob of the cluster, or an "actual deployment" of the database. */
export interface DeployedRow {
  readonly jobName: string;
  readonly jobVersion: string;
  readonly pythonVersion: string;
  readonly vdkVersion: string;
  readonly enabled: boolean;
  /** As the job had it; null and empty both mean never. */
  readonly schedule: string | null;
  readonly resources: Resources;
  /** Microseconds since the epoch. */
  readonly deployedAtUs: number;
  readonly deployedBy: string | null;
}

/** What the database wants deployed; the synchronizer brings the cluster to it. */
export interface DesiredRow {
  readonly jobName: string;
  readonly jobVersion: string | null;
  readonly pythonVersion: string;
  /** Null: the default image of the python version. */
  readonly vdkVersion: string | null;
  /** Null after a job PUT: the synchronizer then fails on the row. */
  readonly enabled: boolean | null;
  readonly schedule: string | null;
  readonly resources: Resources;
  readonly status: DeploymentOutcome;
  readonly user: string | null;
}

export interface SourceRow {
  readonly jobName: string;
  /** The last commit that touched the job's folder. */
  readonly sha: string;
  /** Of the files' names and bytes; empty when there are no files. */
  readonly digest: string;
}

/** What the cluster reported of a run; all null until it did. */
export interface ExecutionDeployment {
  readonly vdk_version: string | null;
  readonly job_version: string | null;
  readonly python_version: string | null;
  readonly deployed_by: string | null;
  readonly deployed_date: string | null;
  readonly schedule: string | null;
  readonly resources: Resources | null;
}

export interface ExecutionRow {
  readonly id: string;
  readonly jobName: string;
  readonly status: ExecutionStatus;
  readonly type: 'manual' | 'scheduled';
  /** Microseconds since the epoch. */
  readonly startUs: number;
  readonly endUs: number | null;
  readonly startedBy: string | null;
  readonly message: string | null;
  readonly opId: string;
  readonly deployment: ExecutionDeployment;
}
