/** Plans from a seed: persons, faults and bad luck in a mix that nobody would think of. */
import type { Random } from '../../src/platform/random.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { type AnswerFault, answerFaults } from './faults/answers.ts';
import { watchFaults } from './faults/watch-lines.ts';
import { poisonSchedule } from './oracles/end-state.ts';
import type { Fault, FaultKind, Plan, Step, WatchLineFault } from './plan.ts';
import { aSpec, filesOf, fromConfigMap, inline } from './specs.ts';

/** The two share a job, so that only the older one may have it. */
const rivals = ['older-rival', 'later-rival'];
const rivalsJob = 'shared-name';
const configMaps = ['files-one', 'files-two'];
const contents = ['first', 'second', 'third'];

/** About so many there are, so that most faults hit something. */
const requestsPerAction = 6;
const linesPerAction = 2;

/** Answers that lie about whether something exists need more than one read to see through. */
const lies: readonly FaultKind[] = ['status404', 'stale', 'noRows'];

export function swarmPlan(seed: number): Plan {
  const random = createSeededRandom(seed);
  const { one, below, chance } = choices(random);
  const persistence = one(['K8S', 'K8S', 'DB', 'BOTH'] as const);
  const count = chance(0.08) ? 8 + below(8) : 1 + below(3);
  const names = [
    ...Array.from({ length: count }, (_, index) => `swarm-job-${index}`),
    ...(chance(0.2) ? rivals : []),
  ];
  const actions = 4 + below(14);
  const elects = chance(0.04);
  const shards = !elects && isSharded(seed);
  const steps = [
    ...knownMode(persistence),
    { do: 'start' } as const,
    ...(elects ? [{ do: 'standby' } as const] : []),
    ...Array.from({ length: actions }, () => [action(random, names), pause(random)]).flat(),
  ];
  const plan = {
    name: `swarm ${seed}`,
    seed,
    persistence,
    latencyMs: one([
      [1, 4],
      [1, 4],
      [5, 60],
      [20, 400],
    ] as const),
    deployTimeMs: one([200, 3_000, 3_000, 20_000]),
    restartMs: one([200, 1_000, 15_000]),
    concurrency: one([1, 2, 4, 4, 8]),
    ...(elects ? { elects } : {}),
    steps,
    faults: chance(0.15) ? [] : faults(random, requestsPerAction * actions),
    watchFaults: chance(0.5) ? [] : lineFaults(random, linesPerAction * actions),
  };
  return shards ? { ...plan, shards, steps: inShards(plan.steps, seed) } : plan;
}

/** Drawn by itself, so that the other plans stay as they are. */
function isSharded(seed: number): boolean {
  return choices(createSeededRandom(seed + 900_001)).chance(0.06);
}

/** Objects that are applied or removed are often moved right before that, or in the middle of it. */
function inShards(steps: readonly Step[], seed: number): readonly Step[] {
  const { below, one } = choices(createSeededRandom(seed + 900_002));
  return steps
    .filter((step) => !forOneOrElected.includes(step.do) && !isOfRivals(step))
    .flatMap((step): readonly Step[] => {
      if (step.do !== 'apply' && step.do !== 'remove') return [step];
      const move: Step = { do: 'meddle', name: step.name, kind: 'shard' };
      const meanwhile: Step = { do: 'wait', ms: below(100) };
      return one([[step], [move, step], [step, meanwhile, move]]);
    });
}

const forOneOrElected: readonly Step['do'][] = [
  ...(['second', 'standby', 'freeze', 'partition', 'steal', 'deleteLease'] as const),
];

/** Age decides nothing between shards, and what has to be in the end is said of age. */
function isOfRivals(step: Step): boolean {
  return 'name' in step && rivals.includes(step.name);
}

/** Spec sequences without faults: the way there must not matter for the end. */
export function pathPlan(seed: number): Plan {
  const random = createSeededRandom(seed + 500_009);
  const { below, one } = choices(random);
  const name = 'path-job';
  const persistence = one(['K8S', 'K8S', 'DB'] as const);
  const steps = [
    ...knownMode(persistence),
    { do: 'start' } as const,
    ...Array.from({ length: 2 + below(7) }, () => [
      below(8) === 0 ? ({ do: 'remove', name } as const) : applied(random, name),
      pause(random),
    ]).flat(),
  ];
  return { name: `path ${seed}`, seed, persistence, steps };
}

/** Where the database keeps deployments, the operator has to have seen one to know. */
function knownMode(persistence: 'K8S' | 'DB' | 'BOTH'): readonly Step[] {
  if (persistence === 'K8S') return [];
  return [
    { do: 'foreign', job: 'of-others', team: 'others', deployed: true },
    { do: 'wait', ms: 20_000 },
  ];
}

function choices(random: Random) {
  const below = (count: number) => Math.floor(random.next() * count);
  return {
    below,
    chance: (part: number) => random.next() < part,
    one: <T>(values: readonly T[]): T => values[below(values.length)] as T,
  };
}

function pause(random: Random): Step {
  const { one } = choices(random);
  const ms = one([0, 5, 30, 30, 500, 3_000, 3_000, 20_000, 70_000]);
  return { do: 'wait', ms: Math.round(ms * (0.5 + random.next())) };
}

function action(random: Random, names: readonly string[]): Step {
  const { one, chance, below } = choices(random);
  const name = one(names);
  const job = rivals.includes(name) ? rivalsJob : name;
  switch (below(28)) {
    case 0:
    case 1:
      return { do: 'remove', name };
    case 2:
    case 3: {
      const files = chance(0.15) ? null : filesOf(one(contents));
      return { do: 'configMap', name: one(configMaps), files };
    }
    case 4:
      return {
        do: 'drift',
        job,
        kind: one(['disable', 'schedule', 'delete', 'version', 'undeploy'] as const),
      };
    case 5:
      return { do: 'kill' };
    case 6:
      return { do: 'stop' };
    case 7:
      return {
        do: 'outage',
        side: one(['kube', 'service'] as const),
        ms: one([500, 10_000, 200_000]),
        kind: one(['refused', 'status503', 'hang', 'html', 'status401'] as const),
      };
    case 8:
      return { do: 'jump', ms: one([-3_600_000, 86_400_000]) };
    case 9:
      return { do: 'compact' };
    case 10:
      return { do: 'annotate', name, value: String(below(3)) };
    case 11:
      return { do: 'meddle', name, kind: one(['label', 'status'] as const) };
    case 12:
      return chance(0.5)
        ? { do: 'foreign', job: one(names), team: one(['sales', 'finance']) }
        : { do: 'second', ms: one([50, 5_000]) };
    case 13:
      return one([
        { do: 'freeze', ms: one([200, 9_000, 60_000]) },
        { do: 'partition', ms: one([3_000, 40_000]) },
        { do: 'steal' },
        { do: 'deleteLease' },
      ] as const);
    default:
      return applied(random, name);
  }
}

function applied(random: Random, name: string): Step {
  const { one, chance } = choices(random);
  const schedule = chance(0.03)
    ? poisonSchedule
    : one(['0 6 * * *', '0 6 * * *', '5 5 * * *', undefined]);
  const pythonVersion = one([undefined, undefined, '3.9', '3.11']);
  const spec = aSpec({
    ...(chance(0.7) ? inline(one(contents)) : fromConfigMap(one(configMaps))),
    description: one(['', 'Loads the orders of yesterday', 'two\n\nparts']),
    config: {
      contacts: { notifiedOnJobSuccess: one([[], ['sales-data@example.com']]) },
      notificationDelayPeriodMinutes: one([240, 60]),
    },
    deployment: {
      enabled: chance(0.75),
      ...(schedule === undefined ? {} : { schedule }),
      ...(pythonVersion === undefined ? {} : { pythonVersion }),
    },
    ...(chance(0.06) ? { suspend: true } : {}),
    ...(chance(0.06) ? { managementPolicy: 'Observe' } : {}),
    ...(chance(0.15) ? { deletionPolicy: one(['Delete', 'Undeploy', 'Orphan']) } : {}),
    ...(rivals.includes(name) ? { jobName: rivalsJob } : {}),
  });
  return { do: 'apply', name, spec };
}

function faults(random: Random, span: number): readonly Fault[] {
  const { below, one, chance } = choices(random);
  const kinds: readonly FaultKind[] = [
    ...answerFaults.filter((kind: AnswerFault) => kind !== 'huge' && !lies.includes(kind)),
    ...(['kill', 'kill', 'kill', 'stop'] as const),
  ];
  return Array.from({ length: 1 + below(12) }, () => ({
    request: below(span),
    kind: one(kinds),
    applied: chance(0.5),
  }));
}

function lineFaults(random: Random, span: number): readonly WatchLineFault[] {
  const { below, one } = choices(random);
  return Array.from({ length: 1 + below(4) }, () => ({
    line: below(span),
    kind: one(watchFaults),
  }));
}
