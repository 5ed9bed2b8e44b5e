import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configDigest } from '../../../src/reconcile/datajob/config-digest.ts';
import type {
  Action,
  Desired,
  JobConfig,
  Observed,
  ObservedDeployment,
  Recorded,
} from '../../../src/reconcile/datajob/model.ts';
import { plan } from '../../../src/reconcile/datajob/plan.ts';
import {
  aDataJob,
  aDeployment,
  inSyncWith,
  nothingRecorded,
  recordOf,
  wanted,
  withSpec,
} from '../../support/data-jobs.ts';

interface Case {
  readonly name: string;
  readonly why: string;
  readonly desired?: Desired;
  readonly observed?: (desired: Desired) => Observed;
  readonly recorded?: (desired: Desired) => Recorded;
  /** Kinds in order, each with the paths that caused it. */
  readonly want: readonly (readonly [kind: Action['kind'], ...paths: string[]])[];
}

const disabled = wanted(
  aDataJob(withSpec({ deployment: { enabled: false, schedule: '0 6 * * *' } })),
);
const inDatabase = (changes: Partial<ObservedDeployment>) => (desired: Desired) => ({
  ...inSyncWith(desired),
  deployment: aDeployment({
    schedule: desired.config.schedule,
    ...changes,
    dateMovesOnEveryCall: false,
  }),
});

const cases: readonly Case[] = [
  {
    name: 'a service that matches is left alone',
    why: 'every write makes the service rebuild or restart something',
    want: [],
  },
  {
    name: 'a job that is not there is created, uploaded and deployed, in this order',
    why: 'an upload needs the job, a deployment needs the version',
    observed: () => ({}),
    recorded: () => nothingRecorded,
    want: [
      ['createJob', 'job'],
      ['uploadSource', 'spec.source'],
      ['deploy', 'deployment'],
    ],
  },
  {
    name: 'a job deleted behind our back is made again in full',
    why: 'its sources went with it, whatever the status remembers',
    observed: () => ({}),
    want: [
      ['createJob', 'job'],
      ['uploadSource', 'spec.source'],
      ['deploy', 'deployment'],
    ],
  },
  {
    name: 'disabling is one PATCH of the deployment',
    why: 'enabled lives on the deployment; a job PUT would hide the one real change',
    desired: disabled,
    observed: () => inSyncWith(wanted()),
    want: [['patchDeployment', 'spec.deployment.enabled']],
  },
  {
    name: 'a schedule is one PUT of the job and one PATCH of the deployment',
    why: 'the job holds the cron, the running deployment takes it over only with a call of its own',
    desired: wanted(aDataJob(withSpec({ deployment: { enabled: true, schedule: '5 5 * * *' } }))),
    observed: () => inSyncWith(wanted()),
    recorded: () => recordOf(wanted()),
    want: [
      ['updateJob', 'spec.deployment.schedule'],
      ['patchDeployment', 'spec.deployment.schedule'],
    ],
  },
  {
    name: 'new sources are uploaded and deployed',
    why: 'the version of the new files is what has to run',
    recorded: (desired) => recordOf(desired, { source: { digest: 'sha256:old', jobVersion: 'v' } }),
    want: [
      ['uploadSource', 'spec.source'],
      ['deploy', 'deployment.jobVersion'],
    ],
  },
  {
    name: 'another version put there by hand is deployed over, without an upload',
    why: 'each upload makes the service clone its repository',
    observed: (desired) => ({
      ...inSyncWith(desired),
      deployment: aDeployment({ jobVersion: 'f'.repeat(40) }),
    }),
    want: [['deploy', 'deployment.jobVersion']],
  },
  {
    name: 'a python version is a deployment of its own',
    why: 'PATCH refuses it',
    desired: wanted(aDataJob(withSpec({ deployment: { enabled: true, pythonVersion: '3.12' } }))),
    observed: (desired) => ({ ...inSyncWith(desired), deployment: aDeployment() }),
    want: [['deploy', 'spec.deployment.pythonVersion']],
  },
  {
    name: 'a python version that the manifest leaves open is not compared',
    why: 'the service has chosen it',
    observed: (desired) => ({
      ...inSyncWith(desired),
      deployment: aDeployment({ pythonVersion: '3.9' }),
    }),
    want: [],
  },
  {
    name: 'a removed deployment is deployed again',
    why: 'the job exists, so nothing has to be created or uploaded',
    observed: (desired) => ({ ...inSyncWith(desired), deployment: undefined }),
    want: [['deploy', 'deployment']],
  },
  {
    name: 'nothing is sent while a deployment is open',
    why: 'a second call within a build is lost or takes the first one down (traps 6 and 7)',
    desired: disabled,
    observed: () => inSyncWith(wanted()),
    recorded: (desired) => recordOf(desired, { pending: 'waiting' }),
    want: [],
  },
  {
    name: 'an open deployment does not hold back a job that is gone',
    why: 'nothing is being built for a job that does not exist',
    observed: () => ({}),
    recorded: (desired) => recordOf(desired, { pending: 'waiting' }),
    want: [
      ['createJob', 'job'],
      ['uploadSource', 'spec.source'],
      ['deploy', 'deployment'],
    ],
  },
  {
    name: 'a deployment that timed out is sent again',
    why: 'a failed build is invisible, and in one of the modes nothing but a new call cures it',
    recorded: (desired) => recordOf(desired, { pending: 'expired' }),
    want: [['deploy', 'deployment']],
  },
  {
    name: 'settings that reached the job but not the deployment are sent on',
    why: 'a crash between PUT and PATCH leaves the old cron running, and no read shows it',
    recorded: (desired) => recordOf(desired, { configDigest: 'before' }),
    want: [['patchDeployment', 'spec']],
  },
  {
    name: 'a deployment touched by others is sent again',
    why: 'the service does not show the schedule in force: its date is the only trace',
    observed: (desired) => ({
      ...inSyncWith(desired),
      deployment: aDeployment({ lastDeployedDate: '2026-02-02T00:00:00.000Z' }),
    }),
    want: [['patchDeployment', 'deployment.lastDeployedDate']],
  },
  {
    name: 'a schedule that a database-backed deployment shows is compared',
    why: 'there the deployment has a cron of its own',
    observed: inDatabase({ schedule: '1 1 * * *' }),
    want: [['patchDeployment', 'spec.deployment.schedule']],
  },
  {
    name: 'a description without the marker gets it back',
    why: 'without it nobody can tell any more whose job it is',
    observed: (desired) => ({
      ...inSyncWith(desired),
      job: { config: { ...desired.config, description: '' } },
    }),
    want: [
      ['updateJob', 'spec.description', 'ownership marker'],
      ['patchDeployment', 'spec.description', 'ownership marker'],
    ],
  },
  {
    name: 'a field that a reading does not show is not compared',
    why: 'the bulk row has no notification settings',
    observed: (desired) => ({
      ...inSyncWith(desired),
      job: { config: { schedule: desired.config.schedule }, marker: undefined },
    }),
    want: [],
  },
  {
    name: 'settings that the service lost altogether are written again',
    why: 'a PUT of the name alone clears even the defaults (trap 4)',
    observed: (desired) => ({
      ...inSyncWith(desired),
      job: {
        marker: desired.marker,
        config: { ...desired.config, enableExecutionNotifications: undefined } as never,
      },
    }),
    want: [
      ['updateJob', 'spec.config.enableExecutionNotifications'],
      ['patchDeployment', 'spec.config.enableExecutionNotifications'],
    ],
  },
];

test.each(cases)('$name', ({ desired = wanted(), observed, recorded, want, why }) => {
  const actions = plan(desired, (observed ?? inSyncWith)(desired), (recorded ?? recordOf)(desired));
  const got = actions.map(({ kind, changes }) => [kind, ...changes.map(({ path }) => path)]);
  expect(got, why).toEqual(want);
});

describe('over all states', () => {
  const config = fc.record<JobConfig>({
    description: fc.constantFrom('', 'a', 'b'),
    schedule: fc.constantFrom('', '0 6 * * *', '5 5 * * *'),
    contacts: fc.record({
      notifiedOnJobDeploy: fc.constantFrom([], ['a@example.com']),
      notifiedOnJobSuccess: fc.constant([]),
      notifiedOnJobFailureUserError: fc.constant([]),
      notifiedOnJobFailurePlatformError: fc.constant([]),
    }),
    enableExecutionNotifications: fc.boolean(),
    notificationDelayPeriodMinutes: fc.constantFrom(240, 60),
    generateKeytab: fc.boolean(),
    dbDefaultType: fc.constantFrom('', 'TRINO'),
  });
  const anyDesired = fc
    .record({
      config,
      enabled: fc.boolean(),
      pythonVersion: fc.constantFrom(undefined, '3.11', '3.12'),
      sourceDigest: fc.constantFrom('sha256:a', 'sha256:b'),
    })
    .map((parts): Desired => ({ ...wanted(), ...parts }));
  const anyDeployment = fc
    .record({
      jobVersion: fc.constantFrom('va', 'vb'),
      enabled: fc.boolean(),
      pythonVersion: fc.constantFrom('3.11', '3.12'),
      lastDeployedDate: fc.constantFrom('t1', 't2'),
      schedule: fc.constantFrom('', '0 6 * * *'),
      inDatabase: fc.boolean(),
    })
    .map(
      ({ schedule, inDatabase: kept, ...rest }): ObservedDeployment =>
        kept
          ? { ...rest, schedule, dateMovesOnEveryCall: false }
          : { ...rest, dateMovesOnEveryCall: true },
    );
  const anyObserved = fc.oneof(
    fc.constant<Observed>({}),
    fc
      .record({
        config,
        marked: fc.boolean(),
        deployment: fc.option(anyDeployment, { nil: undefined }),
      })
      .map(
        ({ config: shown, marked, deployment }): Observed => ({
          job: { config: shown, marker: marked ? wanted().marker : undefined },
          deployment,
        }),
      ),
  );
  const anyRecorded = fc.record<Recorded>({
    ownership: fc.constantFrom('Created' as const, undefined),
    source: fc.constantFrom(
      undefined,
      { digest: 'sha256:a', jobVersion: 'va' },
      { digest: 'sha256:b', jobVersion: 'vb' },
    ),
    configDigest: fc.constantFrom(undefined, 'other'),
    lastDeployedDate: fc.constantFrom(undefined, 't1'),
    pending: fc.constantFrom('none' as const, 'expired' as const),
  });

  test('acting on a plan reaches what is desired, and then plans nothing', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, anyRecorded, (desired, observed, recorded) => {
        const after = applied(plan(desired, observed, recorded), desired, observed, recorded);
        expect(plan(desired, after.observed, after.recorded)).toEqual([]);
        expectHolds(desired, after.observed, after.recorded);
      }),
      { numRuns: 2_000 },
    );
  });

  test('every action says why, and a job is never written without a deployment call after it', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, anyRecorded, (desired, observed, recorded) => {
        const actions = plan(desired, observed, recorded);
        for (const action of actions) expect(action.changes.length).toBeGreaterThan(0);
        const last = actions.at(-1)?.kind;
        if (actions.length > 0) expect(['deploy', 'patchDeployment']).toContain(last);
      }),
    );
  });
});

/** A model of the service, as small as the real one lets it be. */
function applied(
  actions: readonly Action[],
  desired: Desired,
  observed: Observed,
  recorded: Recorded,
): { observed: Observed; recorded: Recorded } {
  let job = observed.job;
  let deployment = observed.deployment;
  let source = recorded.source;
  let digest = recorded.configDigest;
  let moves = 0;
  for (const { kind } of actions) {
    if (kind === 'createJob' || kind === 'updateJob') {
      job = { config: desired.config, marker: desired.marker };
    } else if (kind === 'uploadSource') {
      source = { digest: desired.sourceDigest, jobVersion: `of ${desired.sourceDigest}` };
    } else if (kind === 'deploy' || kind === 'patchDeployment') {
      moves += 1;
      digest = configDigest(desired);
      const before = deployment ?? aDeployment();
      deployment = {
        ...before,
        enabled: desired.enabled,
        lastDeployedDate: `moved ${moves}`,
        ...('schedule' in before ? { schedule: job?.config.schedule ?? '' } : {}),
        ...(kind === 'deploy'
          ? {
              jobVersion: source?.jobVersion ?? '',
              pythonVersion: desired.pythonVersion ?? before.pythonVersion,
            }
          : {}),
      };
    }
  }
  return {
    observed: { job, deployment },
    recorded: {
      ownership: 'Created',
      source,
      configDigest: digest,
      lastDeployedDate: deployment?.lastDeployedDate,
      pending: 'none',
    },
  };
}

function expectHolds(desired: Desired, { job, deployment }: Observed, recorded: Recorded): void {
  expect(job?.config).toEqual(desired.config);
  expect(job?.marker).toEqual(desired.marker);
  expect(deployment?.enabled).toBe(desired.enabled);
  expect(deployment?.jobVersion).toBe(recorded.source?.jobVersion);
  expect(recorded.source?.digest).toBe(desired.sourceDigest);
  if (desired.pythonVersion !== undefined) {
    expect(deployment?.pythonVersion).toBe(desired.pythonVersion);
  }
}
