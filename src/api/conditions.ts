/**
 * Conditions as values. Types and reasons are closed lists, each with who sets it and when. `Ready`
 * sums up; `Reconciling`, `Stalled` and `Suspended` are there only while true. All are set by the
 * DataJob reconciler, in the one status write of a pass.
 */

/** Condition types, and what `True` means. */
const conditionTypes = {
  Ready: 'The service matches the spec and, if enabled, the wanted version is deployed.',
  Reconciling: 'Work is under way. Present only while true.',
  Stalled: 'Will not get better without a person. Present only while true.',
  SourceReady: 'The source was read, checked and its digest computed.',
  Synced: 'The job and its configuration at the service equal the spec.',
  Deployed: 'The running version is the wanted one. Unknown after a time-out: no proof of failure.',
  Suspended: 'spec.suspend holds the operator back. Present only while true.',
} as const;

export type ConditionType = keyof typeof conditionTypes;

/** Reasons, and when they are set. */
export const conditionReasons = {
  // Transient: the operator goes on by itself.
  Progressing: 'A pass has begun and nothing has failed; also the first status of a new object.',
  ProgressingWithRetry: 'An attempt failed and the next one is planned.',
  DependencyNotReady: 'Something that the spec refers to, like a ConfigMap, is missing so far.',
  DeploymentInProgress: 'The service took the deployment and does not show it yet.',
  ControlServiceUnavailable:
    'The service could not be reached or answered with an error of its own.',
  RateLimited: 'The service, or a proxy in front of it, asked to wait.',
  AuthenticationFailed: 'The service refused the credentials after they were renewed once.',
  Deleting: 'The object is being deleted and its job at the service is dealt with first.',
  // Terminal: a person has to change something; Stalled is true.
  InvalidSpec: 'The spec asks for what cannot be done, as found by us or said by the service.',
  InvalidSource:
    'The source holds names or sizes that cannot be uploaded, or the service refused it.',
  NameConflict: 'A job of another team has the name.',
  AlreadyExists: 'A job that was not made by this object has the name and may not be adopted.',
  ManagementConflict: 'The job is marked as managed by another cluster or object.',
  ResourceConflict: 'An older object in this cluster names the same job.',
  AuthorizationDenied: 'The service knows us and does not allow the call.',
  UnsupportedPythonVersion: 'The service has no such python version.',
  PayloadTooLarge: 'The service refused a body as too large.',
  WebhookRejected: 'A webhook of the service refused the call.',
  DeploymentFailed: 'The service says that the deployment failed.',
  DeploymentTimedOut: 'The deployment was not seen in time; it may still come.',
  OperatorBlocked:
    'Work on the object blocked the operator for good; it is left alone until changed.',
  // Good.
  ReconciliationSucceeded: 'A pass changed the service and all of it is done.',
  UpToDate: 'A pass found nothing to change.',
  DriftCorrected: 'A pass undid a change that was made behind the back of the manifest.',
  Observed: 'Observe mode: the service was read, nothing written; the message says what would be.',
  // Of single conditions.
  DriftDetected: 'Synced is False: Observe mode found differences, listed in pendingChanges.',
  NotDeployed: 'Deployed is False: the service shows no deployment, or another version.',
  Suspended: 'Of Suspended: spec.suspend is true.',
} as const;

export type ConditionReason = keyof typeof conditionReasons;

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ConditionReason;
  readonly message: string;
  /** RFC 3339; moves only when the status flips. */
  readonly lastTransitionTime: string;
  /** The generation that the condition speaks of. */
  readonly observedGeneration: number;
}

export type NewCondition = Omit<Condition, 'lastTransitionTime'>;

/** The list with `next` in its place; its transition time moves only when the status flips. */
export function withCondition(
  list: readonly Condition[],
  next: NewCondition,
  nowMs: number,
): readonly Condition[] {
  const old = list.find((condition) => condition.type === next.type);
  const lastTransitionTime =
    old?.status === next.status ? old.lastTransitionTime : rfc3339Seconds(nowMs);
  const condition: Condition = { ...next, lastTransitionTime };
  return old ? list.map((each) => (each === old ? condition : each)) : [...list, condition];
}

/** The list without that type: for conditions that are present only while true. */
export function withoutCondition(
  list: readonly Condition[],
  type: ConditionType,
): readonly Condition[] {
  return list.filter((condition) => condition.type !== type);
}

export function conditionOf(
  list: readonly Condition[] | undefined,
  type: ConditionType,
): Condition | undefined {
  return list?.find((condition) => condition.type === type);
}

/** Whole seconds, as Kubernetes writes its times. */
function rfc3339Seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
