import { describe, expect, test } from 'vitest';
import { conditionOf } from '../../../src/api/conditions.ts';
import type { DataJob } from '../../../src/api/data-job.ts';
import { mergePatchOf } from '../../../src/kube/merge-patch.ts';
import { OperatorError } from '../../../src/platform/errors.ts';
import type { Action } from '../../../src/reconcile/datajob/model.ts';
import { noEffects, type Pass } from '../../../src/reconcile/datajob/pass.ts';
import { nextStatus } from '../../../src/reconcile/datajob/status.ts';
import {
  aDataJob,
  aDeployment,
  inSyncWith,
  recordOf,
  wanted,
  withMetadata,
  withStatus,
} from '../../support/data-jobs.ts';

const t0 = Date.UTC(2026, 0, 1);
const desired = wanted();
const content = { digest: desired.sourceDigest, files: [] };
const source = { digest: desired.sourceDigest, read: async () => content };
const deploy: Action = { kind: 'deploy', changes: [{ path: 'deployment' }] };

function aPass(changes: Partial<Pass>): Pass {
  return {
    verdict: { kind: 'inSync' },
    source,
    desired,
    observed: inSyncWith(desired),
    recorded: recordOf(desired),
    actions: [],
    effects: noEffects(),
    owned: true,
    ...changes,
  };
}

const requested = aPass({
  verdict: { kind: 'waiting' },
  observed: {},
  actions: [deploy],
  effects: { done: [deploy], deploymentRequested: true, uploadedVersion: '1'.repeat(40) },
});
const failedWith = (error: OperatorError, changes: Partial<Pass> = {}) =>
  aPass({ verdict: { kind: 'failed', error }, ...changes });
const unavailable = new OperatorError(
  'transient',
  'ControlServiceUnavailable',
  'It does not answer.',
);
const conflict = new OperatorError('terminal', 'NameConflict', 'Team finance has it.');

const after = (dataJob: DataJob, pass: Pass, ms = 0): DataJob => ({
  ...dataJob,
  status: nextStatus(dataJob, pass, t0 + ms),
});
const told = (dataJob: DataJob) =>
  Object.fromEntries(
    (dataJob.status?.conditions ?? []).map(({ type, status, reason }) => [
      type,
      `${status} ${reason}`,
    ]),
  );

describe('a deployment on its way', () => {
  const waiting = after(aDataJob(), requested);

  test('the first status of a new object says that it is not done', () => {
    expect(told(waiting)).toMatchObject({
      Ready: 'Unknown DeploymentInProgress',
      Reconciling: 'True DeploymentInProgress',
      Synced: 'True UpToDate',
    });
    expect(waiting.status?.deployment).toMatchObject({ attempts: 1 });
    expect(waiting.status?.source).toMatchObject({ digest: source.digest });
  });

  test('it ends Ready, and nothing is left that is there only while true', () => {
    const ready = after(waiting, aPass({}), 60_000);
    expect(told(ready)).toEqual({
      Ready: 'True ReconciliationSucceeded',
      SourceReady: 'True UpToDate',
      Synced: 'True UpToDate',
      Deployed: 'True UpToDate',
    });
    expect(ready.status?.deployment?.requestedAt).toBeUndefined();
    expect(ready.status?.deployment?.schedule).toBe(desired.config.schedule);
  });

  test('looking again while it is open changes nothing', () => {
    const pending = recordOf(desired, { pending: 'waiting' });
    const again = aPass({
      verdict: { kind: 'waiting' },
      observed: { job: { config: {} } },
      recorded: pending,
    });
    expect(mergePatchOf(waiting.status, nextStatus(waiting, again, t0 + 5_000))).toBeUndefined();
  });

  test('sending it again after a time-out is another attempt', () => {
    const expired = { ...requested, recorded: recordOf(desired, { pending: 'expired' as const }) };
    expect(after(waiting, expired).status?.deployment?.attempts).toBe(2);
  });
});

describe('an object that is Ready', () => {
  const ready = after(after(aDataJob(), requested), aPass({}), 1_000);

  test('finding the same again writes nothing, at whatever time', () => {
    const status = nextStatus(ready, aPass({}), t0 + 3_600_000);
    expect(mergePatchOf(ready.status, status)).toBeUndefined();
  });

  test('keeps its Ready while the service does not answer, and says that it does not', () => {
    const blind = failedWith(unavailable, { desired: undefined, observed: undefined });
    expect(told(after(ready, blind))).toMatchObject({
      Ready: 'True ReconciliationSucceeded',
      Reconciling: 'True ProgressingWithRetry',
    });
  });

  test('loses it when a known difference could not be mended', () => {
    expect(told(after(ready, failedWith(unavailable, { actions: [deploy] })))).toMatchObject({
      Ready: 'False ControlServiceUnavailable',
    });
  });

  test('loses it with a new generation that could not be looked at', () => {
    const edited = withMetadata({ generation: 2 })(ready);
    expect(told(after(edited, failedWith(unavailable)))).toMatchObject({
      Ready: 'False ControlServiceUnavailable',
    });
  });

  test('keeps the moment of its last transition until the status flips', () => {
    const at = (dataJob: DataJob) =>
      conditionOf(dataJob.status?.conditions, 'Ready')?.lastTransitionTime;
    const moved = after(
      ready,
      aPass({ observed: { ...inSyncWith(desired), deployment: aDeployment({ jobVersion: '2' }) } }),
      9_000,
    );
    expect(at(moved)).toBe(at(ready));
    expect(at(after(moved, failedWith(conflict), 10_000))).toBe('2026-01-01T00:00:10Z');
  });
});

test('what a person has to mend is Stalled, not Reconciling', () => {
  const stalled = after(aDataJob(), failedWith(conflict, { owned: false }));
  expect(told(stalled)).toEqual({ Ready: 'False NameConflict', Stalled: 'True NameConflict' });
  expect(stalled.status?.job).toBeUndefined();
  expect(stalled.status?.observedGeneration).toBe(1);
});

test('Observe is Ready when it has looked, and lists what Manage would do', () => {
  const planned: readonly Action[] = [
    { kind: 'updateJob', changes: [{ path: 'spec.description', from: 'a'.repeat(200), to: '' }] },
  ];
  const observed = after(
    aDataJob(),
    aPass({ verdict: { kind: 'observed', planned }, owned: false }),
  );
  expect(told(observed)).toMatchObject({ Ready: 'True Observed', Synced: 'False DriftDetected' });
  const [change] = observed.status?.pendingChanges ?? [];
  expect(change).toMatchObject({ action: 'updateJob', path: 'spec.description', to: '' });
  expect(change?.from?.length).toBeLessThan(100);
});

test('a suspended object keeps what was last seen', () => {
  const ready = after(after(aDataJob(), requested), aPass({}));
  const suspended = after(
    ready,
    aPass({
      verdict: { kind: 'suspended' },
      desired: undefined,
      observed: undefined,
      owned: false,
    }),
  );
  expect(told(suspended)).toMatchObject({
    Ready: 'True ReconciliationSucceeded',
    Suspended: 'True Suspended',
  });
  expect(suspended.status?.job).toEqual(ready.status?.job);
});

test('a manifest that is edited while suspended does not look dealt with', () => {
  const ready = after(after(aDataJob(), requested), aPass({}));
  const held = aPass({ verdict: { kind: 'suspended' }, desired: undefined, observed: undefined });
  const edited = after(withMetadata({ generation: 7 })(ready), held);
  expect(edited.status?.observedGeneration).toBe(ready.status?.observedGeneration);
  expect(conditionOf(edited.status?.conditions, 'Ready')).toEqual(
    conditionOf(ready.status?.conditions, 'Ready'),
  );
  expect(conditionOf(edited.status?.conditions, 'Suspended')?.observedGeneration).toBe(7);
  expect(after(withMetadata({ generation: 7 })(edited), aPass({})).status).toMatchObject({
    observedGeneration: 7,
  });
});

test('an object that is suspended from the start was never dealt with', () => {
  const held = aPass({ verdict: { kind: 'suspended' }, desired: undefined, observed: undefined });
  const said = after(aDataJob(), held);
  expect(said.status?.observedGeneration).toBe(-1);
  expect(told(said)).toEqual({ Ready: 'Unknown Suspended', Suspended: 'True Suspended' });
});

test('a source revision is kept only once its content is the uploaded one', () => {
  const from = (revision: string) => ({ ...source, revision });
  const uploaded = after(aDataJob(), { ...requested, source: from('uid/1') });
  expect(uploaded.status?.source?.attemptedRevision).toBe('uid/1');
  const notYet = failedWith(unavailable, { source: { ...from('uid/2'), digest: 'sha256:new' } });
  expect(after(uploaded, notYet).status?.source?.attemptedRevision).toBe('uid/1');
  const sameContent = aPass({ source: from('uid/3') });
  expect(after(uploaded, sameContent).status?.source?.attemptedRevision).toBe('uid/3');
});

test('a request to verify is answered with its token, also by a failure', () => {
  const asked = withMetadata({
    annotations: { 'versatiledatakit.io/reconcile-requested-at': 'token-1' },
  })(withStatus({ observedGeneration: 1 })(aDataJob()));
  expect(after(asked, failedWith(conflict)).status?.lastHandledReconcileAt).toBe('token-1');
});
