/** The scenarios: what persons do to data jobs. Boundaries are counted from the step `mark`. */
import { poisonSchedule } from './oracles/end-state.ts';
import type { Plan, Step } from './plan.ts';
import { aSpec, filesOf, fromConfigMap, inline } from './specs.ts';

const name = 'ingest-orders';
const job = name;
const apply = (change = {}, object = name): Step => ({
  do: 'apply',
  name: object,
  spec: aSpec(change),
});
const configMap = (content: string | null): Step => ({
  do: 'configMap',
  name: 'orders-files',
  files: content === null ? null : filesOf(content),
});
const start: Step = { do: 'start' };
const settle: Step = { do: 'settle' };
const mark: Step = { do: 'mark' };
const remove = (object = name): Step => ({ do: 'remove', name: object });
const wait = (ms: number): Step => ({ do: 'wait', ms });
const drift = (kind: 'disable' | 'schedule' | 'delete' | 'version' | 'undeploy'): Step => ({
  do: 'drift',
  job,
  kind,
});
const toOtherShard: Step = { do: 'meddle', name, kind: 'shard' };
/** A job that is Ready, and the boundaries counted from there. */
const ready: readonly Step[] = [start, apply(), settle, mark];
const elected: readonly Step[] = [start, wait(3_000), { do: 'standby' }, apply(), settle, mark];
/** The leader has just heard of a change. */
const midChange: readonly Step[] = [...elected, apply(inline('second')), wait(20)];
const many = (count: number) => Array.from({ length: count }, (_, index) => `mass-job-${index}`);

const steps: Readonly<Record<string, readonly Step[]>> = {
  create: [mark, start, apply(), wait(20_000)],
  'create before the operator starts': [apply(), mark, start, wait(20_000)],
  'create disabled': [
    mark,
    start,
    apply({ deployment: { enabled: false, schedule: '0 6 * * *' } }),
    wait(30_000),
  ],
  'update of the schedule': [
    ...ready,
    apply({ deployment: { enabled: true, schedule: '5 5 * * *' } }),
    wait(20_000),
  ],
  'update of the settings': [
    ...ready,
    apply({
      description: 'Another text',
      config: {
        contacts: { notifiedOnJobSuccess: ['sales-data@example.com'] },
        notificationDelayPeriodMinutes: 60,
      },
    }),
    wait(20_000),
  ],
  'update of python': [
    ...ready,
    apply({ deployment: { enabled: true, schedule: '0 6 * * *', pythonVersion: '3.9' } }),
    wait(20_000),
  ],
  'update of everything, and back': [
    ...ready,
    apply({ ...inline('second'), deployment: { enabled: false, schedule: '5 5 * * *' } }),
    wait(2_000),
    apply(),
    wait(20_000),
  ],
  disable: [
    ...ready,
    apply({ deployment: { enabled: false, schedule: '0 6 * * *' } }),
    wait(20_000),
  ],
  'source change inline': [...ready, apply(inline('second')), wait(20_000)],
  'source change in a ConfigMap': [
    start,
    configMap('first'),
    apply(fromConfigMap('orders-files')),
    settle,
    mark,
    configMap('second'),
    wait(20_000),
  ],
  'ConfigMap comes late': [
    mark,
    start,
    apply(fromConfigMap('orders-files')),
    wait(5_000),
    configMap('first'),
    wait(20_000),
  ],
  'no-op apply': [...ready, apply(), { do: 'meddle', name, kind: 'label' }, wait(20_000)],
  'request to verify': [...ready, { do: 'annotate', name, value: 'now' }, wait(20_000)],
  delete: [...ready, remove(), wait(20_000)],
  'delete with Undeploy': [
    start,
    apply({ deletionPolicy: 'Undeploy' }),
    settle,
    mark,
    remove(),
    wait(20_000),
  ],
  'delete with Orphan': [
    start,
    apply({ deletionPolicy: 'Orphan' }),
    settle,
    mark,
    remove(),
    wait(20_000),
  ],
  'delete before anything': [mark, start, apply(), remove(), wait(20_000)],
  'delete during the create': [mark, start, wait(1_000), apply(), wait(30), remove(), wait(20_000)],
  'delete soon after the create': [
    mark,
    start,
    wait(1_000),
    apply(),
    wait(60_000),
    remove(),
    wait(20_000),
  ],
  'delete during the build': [start, wait(1_000), apply(), wait(500), mark, remove(), wait(20_000)],
  'delete during an update': [
    ...ready,
    apply({ ...inline('second'), deployment: { enabled: true, schedule: '5 5 * * *' } }),
    wait(25),
    remove(),
    wait(20_000),
  ],
  recreate: [...ready, remove(), wait(3_000), apply(inline('second')), wait(30_000)],
  'recreate at once': [...ready, remove(), wait(60), apply(inline('second')), wait(30_000)],
  'recreate an orphan': [
    start,
    apply({ deletionPolicy: 'Orphan' }),
    settle,
    mark,
    remove(),
    wait(5_000),
    apply(inline('second')),
    wait(30_000),
  ],
  'an orphan that another wants is taken back': [
    start,
    apply({ jobName: 'shared-name', deletionPolicy: 'Orphan' }, 'first-orders'),
    settle,
    remove('first-orders'),
    wait(5_000),
    apply({ jobName: 'shared-name' }, 'other-orders'),
    settle,
    wait(5_000),
    mark,
    apply({ jobName: 'shared-name', ...inline('second') }, 'first-orders'),
    wait(30_000),
  ],
  'two objects for one job': [
    mark,
    start,
    apply({ jobName: 'shared-name' }, 'older-orders'),
    wait(2_000),
    apply({ jobName: 'shared-name' }, 'younger-orders'),
    wait(20_000),
    remove('younger-orders'),
    wait(5_000),
  ],
  'the older of two goes': [
    start,
    apply({ jobName: 'shared-name' }, 'older-orders'),
    wait(2_000),
    apply({ jobName: 'shared-name', ...inline('second') }, 'younger-orders'),
    settle,
    mark,
    remove('older-orders'),
    wait(20_000),
  ],
  'the older of two lets go and is kept by others': [
    start,
    apply({ jobName: 'shared-name' }, 'older-orders'),
    wait(2_000),
    apply({ jobName: 'shared-name', ...inline('second') }, 'younger-orders'),
    settle,
    mark,
    { do: 'meddle', name: 'older-orders', kind: 'hold' },
    remove('older-orders'),
    wait(20_000),
  ],
  'foreign job of our team': [
    { do: 'foreign', job, team: 'sales' },
    mark,
    start,
    apply(),
    wait(20_000),
    remove(),
    wait(5_000),
  ],
  'foreign job of another team': [
    { do: 'foreign', job, team: 'finance' },
    mark,
    start,
    apply(),
    wait(20_000),
    remove(),
    wait(5_000),
  ],
  'foreign job stays': [
    { do: 'foreign', job, team: 'finance' },
    mark,
    start,
    apply(),
    wait(20_000),
  ],
  'foreign job goes': [
    { do: 'foreign', job, team: 'finance' },
    start,
    apply(),
    wait(20_000),
    mark,
    { do: 'removeForeign', job, team: 'finance' },
    wait(200_000),
  ],
  'drift: disabled': [...ready, drift('disable'), wait(90_000)],
  'drift: schedule': [...ready, drift('schedule'), wait(90_000)],
  'drift: deleted': [...ready, drift('delete'), wait(90_000)],
  'drift: another version': [...ready, drift('version'), wait(90_000)],
  'drift: undeployed': [...ready, drift('undeploy'), wait(90_000)],
  restart: [start, apply(), settle, { do: 'kill' }, mark, wait(90_000)],
  'stop and start during a create': [
    mark,
    start,
    wait(1_000),
    apply(),
    wait(40),
    { do: 'stop' },
    wait(20_000),
  ],
  'a second operator takes over': [...ready, { do: 'second', ms: 5_000 }, wait(20_000)],
  'outage of the service, and return': [
    ...ready,
    { do: 'outage', side: 'service', ms: 600_000, kind: 'status503' },
    wait(1_000),
    apply(inline('second')),
    wait(600_000),
  ],
  'outage of the API server, and return': [
    ...ready,
    { do: 'outage', side: 'kube', ms: 300_000, kind: 'refused' },
    apply(inline('second')),
    wait(300_000),
  ],
  'poison neighbour': [
    mark,
    start,
    apply({ deployment: { enabled: true, schedule: poisonSchedule } }, 'poison-job'),
    apply(),
    wait(30_000),
  ],
  'poison is cured': [
    start,
    apply({ deployment: { enabled: true, schedule: poisonSchedule } }),
    settle,
    mark,
    apply(),
    wait(20_000),
  ],
  'mass create': [mark, start, ...many(8).map((each) => apply({}, each)), wait(40_000)],
  'mass delete': [
    start,
    ...many(6).map((each) => apply({}, each)),
    settle,
    mark,
    ...many(6).map(remove),
    wait(40_000),
  ],
  suspend: [
    ...ready,
    apply({ suspend: true }),
    wait(5_000),
    drift('disable'),
    apply({ suspend: true, deployment: { enabled: true, schedule: '9 9 * * *' } }),
    wait(70_000),
    apply({ deployment: { enabled: true, schedule: '9 9 * * *' } }),
    wait(20_000),
  ],
  observe: [
    mark,
    start,
    apply({ managementPolicy: 'Observe' }),
    wait(70_000),
    apply({ managementPolicy: 'Manage' }),
    wait(20_000),
  ],
  'somebody wipes the status': [...ready, { do: 'meddle', name, kind: 'status' }, wait(30_000)],
  'somebody takes the finalizer': [
    ...ready,
    { do: 'meddle', name, kind: 'finalizer' },
    wait(30_000),
  ],
  'history is compacted': [
    ...ready,
    { do: 'outage', side: 'kube', ms: 20_000, kind: 'refused' },
    { do: 'compact' },
    apply(inline('second')),
    { do: 'compact' },
    wait(60_000),
  ],
  'the wall clock jumps': [
    ...ready,
    { do: 'jump', ms: -3_600_000 },
    apply(inline('second')),
    wait(1_500),
    { do: 'jump', ms: 90_000_000 },
    wait(30_000),
  ],
  'the leader dies': [...elected, { do: 'kill' }, apply(inline('second')), wait(40_000)],
  'the leader is told to stop': [...midChange, { do: 'stop' }, wait(20_000)],
  'the leader stands still': [...midChange, { do: 'freeze', ms: 60_000 }, wait(90_000)],
  'the leader stands still for a moment': [...midChange, { do: 'freeze', ms: 9_000 }, wait(40_000)],
  'the leader is cut off': [
    ...elected,
    { do: 'partition', ms: 60_000 },
    wait(6_000),
    apply(inline('second')),
    wait(90_000),
  ],
  'the lease is stolen': [...midChange, { do: 'steal' }, wait(60_000)],
  'moved to another shard in the middle of a change': [
    ...ready,
    apply({ ...inline('second'), description: 'two' }),
    wait(20),
    toOtherShard,
    wait(20_000),
  ],
  'moved to another shard during the build': [
    ...ready,
    apply(inline('second')),
    wait(1_000),
    toOtherShard,
    wait(20_000),
  ],
  'moved to another shard in the middle of its deletion': [
    ...ready,
    remove(),
    wait(12),
    toOtherShard,
    wait(20_000),
  ],
  'the lease is deleted': [
    ...elected,
    { do: 'deleteLease' },
    apply(inline('second')),
    wait(40_000),
  ],
};

/** Those whose objects go from one shard to another. */
const sharded = Object.keys(steps).filter((each) =>
  steps[each]?.some((step) => step.do === 'meddle' && step.kind === 'shard'),
);

/** Those with a leader, which several operators elect. */
const elections = Object.keys(steps).filter((each) =>
  steps[each]?.some((step) => step.do === 'standby'),
);

export const scenarioNames = Object.keys(steps);

/** One of each kind, for when all of them take too long. */
export const coreScenarioNames: readonly string[] = [
  'create',
  'update of the schedule',
  'disable',
  'source change inline',
  'no-op apply',
  'delete',
  'delete during the build',
  'recreate',
  'two objects for one job',
  'foreign job of our team',
  'drift: disabled',
  'restart',
  'a second operator takes over',
  'poison neighbour',
  'suspend',
];

export function scenario(scenarioName: string, more: Partial<Plan> = {}): Plan {
  const found = steps[scenarioName];
  if (found === undefined) throw new Error(`there is no scenario ${scenarioName}`);
  const elects = elections.includes(scenarioName) ? { elects: true as const } : {};
  const shards = sharded.includes(scenarioName) ? { shards: true as const } : {};
  return { name: scenarioName, seed: 1, steps: found, ...elects, ...shards, ...more };
}
