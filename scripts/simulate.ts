/**
 * Long runs of the simulation: seeds, spec sequences, single faults, planted bugs; and one run again,
 * with its trace. See docs/development/simulation.md.
 */
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import {
  type CampaignOptions,
  keepFailure,
  type Outcome,
  readPlan,
  runCampaign,
} from '../test/simulation/campaign.ts';
import { mutations } from '../test/simulation/mutations.ts';
import type { Plan } from '../test/simulation/plan.ts';
import { runPlan } from '../test/simulation/run.ts';
import { coreScenarioNames, scenarioNames } from '../test/simulation/scenarios.ts';
import { pathPlan, swarmPlan } from '../test/simulation/swarm.ts';

const usage = `node scripts/simulate.ts
  --seeds N [--from S]    N swarms, from seed S (1)
  --paths N [--from S]    N spec sequences
  --single [--every K] [--scenario NAME,…]   all plans with one fault, or every K-th
  --single --core         those of the core scenarios, where deployments are kept in Kubernetes
  --bugs                  every planted bug, and which oracle sees it
  --seed S, --path S, --plan FILE   one run again, with its trace
  --twice                 each plan twice: both runs have to be equal
  --workers N             threads (2)
  --coverage              the table of faults and boundaries that were hit
  --keep                  failing plans are made small and kept as regression tests`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    paths: { type: 'string' },
    single: { type: 'boolean' },
    bugs: { type: 'boolean' },
    seed: { type: 'string' },
    path: { type: 'string' },
    plan: { type: 'string' },
    from: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    core: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    workers: { type: 'string', default: '2' },
    coverage: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

/** A world is garbage after some milliseconds: with room for many of them, few are ever copied. */
const youngMb = 128;

/** Failures whose lines are printed; more would hide the first. */
const shownMax = 20;

process.exitCode = isMainThread ? await main() : await work();

async function work(): Promise<number> {
  for await (const outcome of runCampaign(workerData as CampaignOptions)) {
    const { violations, hits, virtualMs } = outcome;
    // What went well is not looked at any more: a plan is long.
    parentPort?.postMessage(violations.length > 0 ? outcome : { violations, hits, virtualMs });
  }
  return 0;
}

async function main(): Promise<number> {
  if (values.seed !== undefined) return await replay(swarmPlan(Number(values.seed)));
  if (values.path !== undefined) return await replay(pathPlan(Number(values.path)));
  if (values.plan !== undefined) return await replay(readPlan(values.plan));
  if (values.bugs) return await huntBugs();
  if (values.seeds !== undefined) return await campaign('swarm', Number(values.seeds));
  if (values.paths !== undefined) return await campaign('path', Number(values.paths));
  if (values.single) return await campaign('single', undefined);
  console.log(usage);
  return values.help ? 0 : 2;
}

async function replay(plan: Plan): Promise<number> {
  console.log(JSON.stringify(plan, null, 2));
  const result = await runPlan(plan);
  console.log(result.trace().join('\n'));
  console.log(`\n${result.events} events, ${minutes(result.virtualMs)} min, hash ${result.hash}`);
  for (const { oracle, what, atMs } of result.violations) {
    console.log(`VIOLATION of ${oracle} at ${atMs} ms: ${what}`);
  }
  if (result.violations.length === 0) console.log('Nothing is violated.');
  return result.violations.length === 0 ? 0 : 1;
}

async function campaign(kind: CampaignOptions['kind'], count: number | undefined): Promise<number> {
  const startedAt = performance.now();
  const failures: Outcome[] = [];
  const cells = new Map<string, number>();
  let done = 0;
  let virtualMs = 0;
  const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(0);
  const hear = (outcome: Outcome) => {
    done += 1;
    virtualMs += outcome.virtualMs;
    for (const cell of outcome.hits) cells.set(cell, (cells.get(cell) ?? 0) + 1);
    if (outcome.violations.length > 0) {
      failures.push(outcome);
      if (failures.length <= shownMax) tell(outcome);
    }
    if (done % 50 === 0) {
      process.stderr.write(`\r${done} plans, ${failures.length} failing, ${seconds()} s `);
    }
  };
  const parts = Number(values.workers);
  await Promise.all(
    Array.from({ length: parts }, (_, part) => inWorker(optionsOf(kind, count, part, parts), hear)),
  );
  process.stderr.write('\r');
  console.log(
    `${done} plans, ${failures.length} failing, ${seconds()} s, ` +
      `${(virtualMs / 3_600_000).toFixed(0)} hours of virtual time, ${cells.size} cells of coverage.`,
  );
  if (values.coverage) console.log(coverageTable(cells));
  if (values.keep) for (const each of firstOfEach(failures)) console.log(await keepFailure(each));
  return failures.length === 0 ? 0 : 1;
}

function optionsOf(
  kind: CampaignOptions['kind'],
  count: number | undefined,
  part: number,
  parts: number,
): CampaignOptions {
  const { twice, scenario, core } = values;
  const [from, stride] = [Number(values.from), Number(values.every)];
  const scenarios = scenario?.split(',') ?? (core ? coreScenarioNames : scenarioNames);
  const persistences = core ? (['K8S'] as const) : (['K8S', 'DB'] as const);
  return { kind, from, count, part, parts, twice, stride, scenarios, persistences };
}

function inWorker(options: CampaignOptions, hear: (outcome: Outcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: options,
      argv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngMb },
    });
    worker.on('message', hear);
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

function tell({ plan, replay: command, violations }: Outcome): void {
  const [first] = violations;
  console.log(
    `\n${plan.name} (${plan.persistence}): ${first?.oracle}: ${first?.what.slice(0, 300)}`,
  );
  console.log(`  again: ${command}`);
}

/** One of each kind: the others are the same again. */
function firstOfEach(failures: readonly Outcome[]): readonly Outcome[] {
  const kinds = new Map<string, Outcome>();
  for (const failure of failures) {
    const [first] = failure.violations;
    const kind = `${first?.oracle} ${first?.what.replace(/\d+/g, '').slice(0, 80)}`;
    if (!kinds.has(kind)) kinds.set(kind, failure);
  }
  return [...kinds.values()];
}

/** Faults down, boundaries across, hits over all phases. */
function coverageTable(cells: ReadonlyMap<string, number>): string {
  const rows = new Map<string, Map<string, number>>();
  for (const [cell, hits] of cells) {
    const [fault = '', boundary = ''] = cell.split(' | ');
    const row = rows.get(fault) ?? new Map<string, number>();
    rows.set(fault, row.set(boundary, (row.get(boundary) ?? 0) + hits));
  }
  const boundaries = [...new Set([...rows.values()].flatMap((row) => [...row.keys()]))].sort();
  const lines = [...rows].sort().map(([fault, row]) => {
    const hits = boundaries.map((boundary) => String(row.get(boundary) ?? 0).padStart(6));
    return `${fault.padEnd(22)}${hits.join('')}`;
  });
  const head = boundaries.map((name, index) => `${String(index + 1).padStart(3)} ${name}`);
  const numbers = boundaries.map((_, index) => String(index + 1).padStart(6)).join('');
  return [...head, '', `${''.padEnd(22)}${numbers}`, ...lines].join('\n');
}

async function huntBugs(): Promise<number> {
  let missed = 0;
  for (const { bug, altered, plans } of mutations) {
    const startedAt = performance.now();
    let oracle = 'NOT SEEN';
    for (const plan of plans) {
      const { violations } = await runPlan(plan, { altered, stopAtViolation: true });
      const [first] = violations;
      if (first === undefined) continue;
      oracle = first.oracle;
      break;
    }
    if (oracle === 'NOT SEEN') missed += 1;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`${bug.padEnd(82)} ${oracle.padEnd(12)} ${seconds} s`);
  }
  console.log(`${mutations.length - missed} of ${mutations.length} planted bugs are seen.`);
  return missed === 0 ? 0 : 1;
}

function minutes(ms: number): string {
  return (ms / 60_000).toFixed(1);
}
