/** The conditions after a pass. Pure; each case says the whole truth in one place. */
import {
  type Condition,
  type ConditionReason,
  type ConditionType,
  conditionOf,
  conditionReasons,
  withCondition,
  withoutCondition,
} from '../../api/conditions.ts';
import type { DataJob } from '../../api/data-job.ts';
import { dispositionOf, messageOf, OperatorError } from '../../platform/errors.ts';
import { shortDigest } from '../../source/digest.ts';
import type { Pass } from './pass.ts';
import { bringsNewSource, wasInForce } from './recorded.ts';
import { shortVersion, shownActions } from './text.ts';

type Told = readonly [status: Condition['status'], reason: ConditionReason, message: string];

/** What a pass tells; a type left out keeps what it said, `undefined` takes it off. */
type Telling = { readonly [T in ConditionType]?: Told | undefined };

/** Core allows 32,768 characters; nobody reads more than this. */
const messageMax = 1_024;

export function conditionsAfter(dataJob: DataJob, pass: Pass, nowMs: number): readonly Condition[] {
  const telling: Telling = {
    Reconciling: undefined,
    Stalled: undefined,
    Suspended: undefined,
    ...tell(dataJob, pass),
  };
  const generation = dataJob.metadata.generation ?? 0;
  let conditions = dataJob.status?.conditions ?? [];
  for (const [key, told] of Object.entries(telling)) {
    const type = key as ConditionType;
    if (told === undefined) {
      conditions = withoutCondition(conditions, type);
      continue;
    }
    const [status, reason, message] = told;
    const next = { type, status, reason, message: message.slice(0, messageMax) };
    conditions = withCondition(conditions, { ...next, observedGeneration: generation }, nowMs);
  }
  return conditions;
}

function tell(dataJob: DataJob, pass: Pass): Telling {
  const { verdict } = pass;
  switch (verdict.kind) {
    case 'inSync':
      return inSync(dataJob, pass);
    case 'waiting':
      return waiting(dataJob, pass);
    case 'observed':
      return observed(pass, verdict.planned.length === 0, shownActions(verdict.planned));
    case 'suspended': {
      const message = 'The operator keeps its hands off until spec.suspend is false.';
      const ready = conditionOf(dataJob.status?.conditions, 'Ready');
      return {
        Suspended: ['True', 'Suspended', message],
        ...(ready === undefined ? { Ready: ['Unknown', 'Suspended', message] } : {}),
      };
    }
    case 'deleting':
      return {
        Ready: ['False', 'Deleting', verdict.waitingFor],
        Reconciling: ['True', 'Deleting', verdict.waitingFor],
        // Its transition time is what later passes know of when the removal was asked for.
        ...(verdict.isRemoval ? { Deployed: ['False', 'Deleting', verdict.waitingFor] } : {}),
      };
    case 'released':
      return {};
    case 'failed':
      return failed(dataJob, pass, verdict.error);
    default:
      return verdict satisfies never;
  }
}

function inSync(dataJob: DataJob, pass: Pass): Telling {
  const ready = conditionOf(dataJob.status?.conditions, 'Ready');
  const generation = dataJob.metadata.generation ?? 0;
  const worked = dataJob.status?.deployment?.requestedAt !== undefined;
  const reason =
    ready?.status === 'True' && ready.observedGeneration === generation
      ? ready.reason // it was so before: saying it in another word would be a write for nothing
      : worked
        ? 'ReconciliationSucceeded'
        : 'UpToDate';
  const message = deployedText(pass);
  return {
    Ready: ['True', reason, message],
    SourceReady: sourceReady(pass),
    Synced: ['True', 'UpToDate', 'The job at the service equals the spec.'],
    Deployed: ['True', 'UpToDate', message],
  };
}

function waiting(dataJob: DataJob, pass: Pass): Telling {
  const version = pass.effects.uploadedVersion ?? dataJob.status?.source?.jobVersion ?? '';
  const message =
    `Waiting for the service to show version ${shortVersion(version)} as deployed; ` +
    'a build usually takes a few minutes.';
  const told: Told = ['Unknown', 'DeploymentInProgress', message];
  return {
    Ready: told,
    Reconciling: ['True', 'DeploymentInProgress', message],
    SourceReady: sourceReady(pass),
    // Of a manifest that changed meanwhile nothing is sent before the open call has ended.
    ...(pass.effects.deploymentRequested
      ? { Synced: ['True', 'UpToDate', 'The job at the service equals the spec.'] as const }
      : {}),
    Deployed: told,
  };
}

function observed(pass: Pass, nothingToDo: boolean, wouldDo: string): Telling {
  const message = nothingToDo
    ? 'Observed only; the service matches the spec.'
    : `Observed only; Manage would ${wouldDo}.`;
  return {
    Ready: ['True', 'Observed', message],
    SourceReady: sourceReady(pass),
    Synced: nothingToDo ? ['True', 'UpToDate', message] : ['False', 'DriftDetected', message],
    Deployed:
      pass.observed?.deployment === undefined
        ? ['False', 'NotDeployed', 'The service shows no deployment.']
        : ['True', 'Observed', deployedText(pass)],
  };
}

function failed(dataJob: DataJob, pass: Pass, error: unknown): Telling {
  const terminal = dispositionOf(error) === 'terminal';
  const reason = reasonOf(error);
  const message = messageOf(error);
  const knownWrong = pass.actions.length > pass.effects.done.length;
  const told: Told = ['False', reason, message];
  const isLost = wasInForce(dataJob) && pass.actions.some(({ kind }) => kind === 'deploy');
  const lost: Told = bringsNewSource(pass.actions) ? told : ['False', 'NotDeployed', message];
  return {
    // A service that does not answer takes nothing back of what was seen to be right.
    ...(terminal || knownWrong || !wasReady(dataJob) ? { Ready: told } : {}),
    ...(reason === 'InvalidSource' || reason === 'DependencyNotReady' ? { SourceReady: told } : {}),
    ...(reason === 'DeploymentTimedOut' ? { Deployed: ['Unknown', reason, message] as const } : {}),
    ...(isLost ? { Deployed: lost } : {}),
    ...(knownWrong && reason !== 'DeploymentTimedOut' ? { Synced: told } : {}),
    ...(terminal
      ? { Stalled: ['True', reason, message] as const }
      : { Reconciling: ['True', 'ProgressingWithRetry', message] as const }),
  };
}

function wasReady({ metadata, status }: DataJob): boolean {
  const ready = conditionOf(status?.conditions, 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}

function reasonOf(error: unknown): ConditionReason {
  const reason = error instanceof OperatorError ? error.reason : '';
  return reason in conditionReasons ? (reason as ConditionReason) : 'ProgressingWithRetry';
}

function sourceReady({ source }: Pass): Told {
  return ['True', 'UpToDate', `Source ${shortDigest(source?.digest ?? '')} is read and checked.`];
}

function deployedText({ observed }: Pass): string {
  const deployment = observed?.deployment;
  if (deployment === undefined) return 'Nothing is deployed.';
  const state = deployment.enabled ? 'enabled' : 'disabled';
  return `Version ${shortVersion(deployment.jobVersion)} is deployed and ${state}.`;
}
