/**
 * Decides what must change for the Control Service to match a DataJob. Pure: no I/O, clock or
 * randomness; equal input gives equal actions in equal order. The operator, `plan` on the command
 * line and Observe mode use this one function. "In sync" means an empty plan, so planning again
 * after acting must yield one. Whose job it is has been decided before (ownership.ts).
 */
import { shortDigest } from '../../source/digest.ts';
import { configDigest } from './config-digest.ts';
import { markerLine } from './marker.ts';
import type {
  Action,
  Change,
  Desired,
  JobConfig,
  Observed,
  ObservedDeployment,
  ObservedJob,
  Recorded,
} from './model.ts';
import { shortVersion } from './text.ts';

/** The order is part of the contract: see reconcile's table of actions. */
export function plan(desired: Desired, observed: Observed, recorded: Recorded): readonly Action[] {
  if (observed.job === undefined) return creation(desired);
  // One deployment call at a time, and no job PUT under one: the service loses either (traps 6, 7).
  if (recorded.pending === 'waiting') return [];
  const upload = sourceChanges(desired, recorded);
  const update = jobChanges(desired, observed.job);
  const context = { desired, recorded, upload, update };
  const deploy = deployChanges(context, observed.deployment);
  const patch =
    deploy.length > 0 || observed.deployment === undefined
      ? []
      : patchChanges(context, observed.deployment);
  const actions: readonly Action[] = [
    { kind: 'uploadSource', changes: upload },
    { kind: 'updateJob', changes: update },
    { kind: 'deploy', changes: deploy },
    { kind: 'patchDeployment', changes: patch },
  ];
  return actions.filter((action) => action.changes.length > 0);
}

function creation(desired: Desired): readonly Action[] {
  return [
    { kind: 'createJob', changes: [{ path: 'job', to: `${desired.team}/${desired.jobName}` }] },
    {
      kind: 'uploadSource',
      changes: [{ path: 'spec.source', to: shortDigest(desired.sourceDigest) }],
    },
    { kind: 'deploy', changes: [{ path: 'deployment', to: deploymentText(desired) }] },
  ];
}

function sourceChanges(desired: Desired, recorded: Recorded): readonly Change[] {
  const digest = recorded.source?.digest;
  if (digest === desired.sourceDigest) return [];
  const from = digest === undefined ? {} : { from: shortDigest(digest) };
  return [{ path: 'spec.source', ...from, to: shortDigest(desired.sourceDigest) }];
}

/** Where each setting stands in the manifest. */
const configPaths: { readonly [K in keyof JobConfig]: string } = {
  description: 'spec.description',
  schedule: 'spec.deployment.schedule',
  contacts: 'spec.config.contacts',
  enableExecutionNotifications: 'spec.config.enableExecutionNotifications',
  notificationDelayPeriodMinutes: 'spec.config.notificationDelayPeriodMinutes',
  generateKeytab: 'spec.config.generateKeytab',
  dbDefaultType: 'spec.config.dbDefaultType',
};

function jobChanges(desired: Desired, { config, marker }: ObservedJob): readonly Change[] {
  const changes = Object.keys(configPaths).flatMap((key) => {
    const field = key as keyof JobConfig;
    if (!(field in config)) return []; // this reading does not show it
    if (field === 'contacts') return contactChanges(desired.config, config);
    return difference(configPaths[field], config[field], desired.config[field]);
  });
  // The marker stands in the description: a reading without the one cannot show the other.
  if (!('description' in config)) return changes;
  const from = marker === undefined ? 'missing' : markerLine(marker);
  return [...changes, ...difference('ownership marker', from, markerLine(desired.marker))];
}

function contactChanges(wanted: JobConfig, config: Partial<JobConfig>): readonly Change[] {
  return Object.entries(wanted.contacts).flatMap(([list, to]) => {
    const from = config.contacts?.[list as keyof JobConfig['contacts']] ?? [];
    return difference(`${configPaths.contacts}.${list}`, from.join(';'), to.join(';'));
  });
}

interface Context {
  readonly desired: Desired;
  readonly recorded: Recorded;
  readonly upload: readonly Change[];
  /** Changes to the job, which reach its runs only with the next deployment call. */
  readonly update: readonly Change[];
}

/** What only a POST can bring about; it takes everything else along. */
function deployChanges(
  { desired, recorded, upload }: Context,
  deployment: ObservedDeployment | undefined,
): readonly Change[] {
  if (deployment === undefined) return [{ path: 'deployment', to: deploymentText(desired) }];
  const version =
    upload.length > 0
      ? [
          {
            path: 'deployment.jobVersion',
            from: shortVersion(deployment.jobVersion),
            to: '(uploaded)',
          },
        ]
      : difference('deployment.jobVersion', deployment.jobVersion, recorded.source?.jobVersion);
  const python =
    desired.pythonVersion === undefined
      ? []
      : difference(
          'spec.deployment.pythonVersion',
          deployment.pythonVersion,
          desired.pythonVersion,
        );
  const expired =
    recorded.pending === 'expired' ? [{ path: 'deployment', from: 'timed out', to: 'again' }] : [];
  return [...version, ...python, ...expired];
}

/** What a PATCH can bring about on a deployment whose version is right. */
function patchChanges(
  { desired, recorded, update }: Context,
  deployment: ObservedDeployment,
): readonly Change[] {
  const shown = [
    ...difference('spec.deployment.enabled', deployment.enabled, desired.enabled),
    ...('schedule' in deployment
      ? difference('spec.deployment.schedule', deployment.schedule, desired.config.schedule)
      : []),
  ];
  if (shown.length > 0 || update.length > 0) return unique([...update, ...shown]);
  // Where the service keeps deployments in Kubernetes it never shows the schedule in force. Two
  // records stand in for it: what the last call of ours took along, and when somebody last deployed.
  if (recorded.configDigest !== configDigest(desired)) {
    return [{ path: 'spec', from: 'not yet in the deployment', to: 'deployed' }];
  }
  return difference(
    'deployment.lastDeployedDate',
    deployment.lastDeployedDate,
    recorded.lastDeployedDate,
  ).map((change) => ({ ...change, to: 'our own deployment' }));
}

function difference(path: string, from: unknown, to: unknown): readonly Change[] {
  return from === to ? [] : [{ path, from, to }];
}

function unique(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [change.path, change])).values()];
}

function deploymentText({ enabled, config }: Desired): string {
  return `${enabled ? 'enabled' : 'disabled'}, schedule ${config.schedule || 'never'}`;
}
