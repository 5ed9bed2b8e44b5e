/**
 * The words in which a data job is compared: what the manifest wants, what the service shows, what
 * was recorded in the status, and the actions in between. Everything is normalised (null, missing
 * and `[]` are one; a schedule is text, '' = never), so that comparing is plain equality.
 */

/** Settings that live in the job itself; PUT replaces them as a whole. */
export interface JobConfig {
  /** Without the ownership marker. */
  readonly description: string;
  /** Five-field cron in UTC; '' = never. */
  readonly schedule: string;
  readonly contacts: Contacts;
  readonly enableExecutionNotifications: boolean;
  readonly notificationDelayPeriodMinutes: number;
  readonly generateKeytab: boolean;
  readonly dbDefaultType: string;
}

export interface Contacts {
  readonly notifiedOnJobDeploy: readonly string[];
  readonly notifiedOnJobSuccess: readonly string[];
  readonly notifiedOnJobFailureUserError: readonly string[];
  readonly notifiedOnJobFailurePlatformError: readonly string[];
}

/** Who made a job: the marker line at the end of its description. */
export interface Marker {
  readonly clusterId: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface Desired {
  readonly team: string;
  readonly jobName: string;
  readonly config: JobConfig;
  readonly marker: Marker;
  /** Over names and contents of the source files. */
  readonly sourceDigest: string;
  readonly enabled: boolean;
  /** Absent = the service's choice; then it is not compared. */
  readonly pythonVersion?: string | undefined;
}

/** A job as the service shows it. A field that this reading cannot show is absent. */
export interface ObservedJob {
  readonly config: Partial<JobConfig>;
  readonly marker?: Marker | undefined;
}

export interface ObservedDeployment {
  readonly jobVersion: string;
  readonly enabled: boolean;
  /** Absent where the service keeps deployments in Kubernetes: it does not show it then. */
  readonly schedule?: string | undefined;
  readonly pythonVersion?: string | undefined;
  readonly vdkVersion?: string | undefined;
  readonly lastDeployedDate?: string | undefined;
  readonly lastDeployedBy?: string | undefined;
  /**
   * Whether every accepted call moves `lastDeployedDate`: so where Kubernetes keeps deployments.
   * Where the database keeps them it moves only when something really changed.
   */
  readonly dateMovesOnEveryCall: boolean;
}

export interface Observed {
  readonly job?: ObservedJob | undefined;
  readonly deployment?: ObservedDeployment | undefined;
}

/** What earlier passes left in the status: the only memory that survives a restart. */
export interface Recorded {
  readonly ownership?: 'Created' | 'Adopted' | undefined;
  /** The source that was uploaded last, and the version it became. */
  readonly source?: { readonly digest: string; readonly jobVersion: string } | undefined;
  /** Fingerprint of the job settings that the last deployment call took along. */
  readonly configDigest?: string | undefined;
  /** `lastDeployedDate` as it was when the status was written. */
  readonly lastDeployedDate?: string | undefined;
  /**
   * none: no deployment call is open. waiting: the service has accepted one and does not show it yet.
   * expired: it has not shown it for longer than we wait.
   */
  readonly pending: 'none' | 'waiting' | 'expired';
}

/** One named difference: the reason of an action. Paths are those of the manifest where it has one. */
export interface Change {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

export type ActionKind =
  | 'createJob'
  | 'uploadSource'
  | 'updateJob'
  | 'deploy'
  | 'patchDeployment'
  | 'undeploy'
  | 'releaseJob'
  | 'deleteJob';

export interface Action {
  readonly kind: ActionKind;
  readonly changes: readonly Change[];
}
