/**
 * The runs of the simulated cluster and what the service sees of them. A run is the cluster's: it
 * goes on when the service restarts or its job is deleted, and it is reported to whatever job has
 * its name then. An execution is the service's row about it.
 */
import type { DeployedRow, ExecutionRow } from '../model.ts';
import type { RunScript } from '../settings.ts';
import { type Base, instant } from '../world.ts';
import { finish } from './finish.ts';
import { setByService } from './lost-runs.ts';
import { endingOf } from './termination.ts';

/** A Kubernetes Job, as far as the service looks at it. */
export interface RunRow {
  readonly id: string;
  readonly jobName: string;
  readonly type: 'manual' | 'scheduled';
  readonly opId: string;
  readonly deployed: DeployedRow;
  readonly script: RunScript;
  /** deleting: cancelled, its pod not gone yet. failed: over for the cluster, not for the service. */
  readonly phase: 'pending' | 'running' | 'complete' | 'failed' | 'deleting';
  readonly podStartUs: number | null;
  /** When the phase ends by itself, in wall-clock ms. */
  readonly nextMs: number;
}

export interface Runs {
  start(deployed: DeployedRow, run: Omit<RunStart, 'deployed'>): void;
  /** Whether the job has a run that the cluster has not finished. */
  isBusy(jobName: string): boolean;
  get(id: string): RunRow | undefined;
  /** Ends a run and its execution; false when the cluster does not have it any more. */
  cancel(execution: ExecutionRow): void;
  /** Scheduled runs go with their CronJob, manual ones go on. */
  cronJobDeleted(jobName: string): void;
  close(): void;
}

export interface RunStart {
  readonly deployed: DeployedRow;
  readonly id: string;
  readonly type: 'manual' | 'scheduled';
  readonly opId: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** How long a pod takes to stop; a new run is refused until then. */
const podStopMs = 300;
/** How long the cluster keeps a finished run. */
const keptMs = { manual: 3_600_000, scheduled: 600_000 } as const;

export function createRuns(base: Base): Runs {
  const { settings, store } = base;
  const { clock } = settings;
  const rows = store.collection<RunRow>('cluster_runs');
  const timers = new Map<string, () => void>();
  const lost = setByService(base, (id) => rows.get(id) !== undefined);

  const keep = (row: RunRow) => {
    rows.put(row.id, row, row.jobName);
    timers.get(row.id)?.();
    const advance = () => store.transaction(() => step(rows.get(row.id)));
    timers.set(row.id, clock.after(Math.max(row.nextMs - clock.now(), 0), advance));
  };
  const drop = (id: string) => {
    timers.get(id)?.();
    timers.delete(id);
    rows.delete(id);
    lost.watch(id);
  };
  const step = (row: RunRow | undefined) => {
    if (row === undefined) return;
    const nowMs = clock.now();
    if (row.phase === 'pending' && row.script.ending === 'never-started') {
      drop(row.id);
    } else if (row.phase === 'pending') {
      const running: RunRow = {
        ...row,
        phase: 'running',
        podStartUs: base.stampUs(),
        nextMs: nowMs + row.script.runTimeMs,
      };
      keep(running);
      report(base, running);
    } else if (row.phase === 'running' && isEnding(row.script.ending)) {
      const phase = row.script.ending;
      const ended: RunRow = { ...row, phase, nextMs: nowMs + keptMs[row.type] };
      keep(ended);
      if (phase === 'complete') report(base, ended);
    } else {
      drop(row.id);
    }
  };
  for (const row of rows.all()) keep(row);
  return {
    start(deployed, { id, type, opId, args }) {
      const script = scriptOf(base, { deployed, id, type, opId, args });
      const nextMs = clock.now() + settings.podStartMs;
      const jobName = deployed.jobName;
      const started = { id, jobName, type, opId, deployed, script, nextMs };
      keep({ ...started, phase: 'pending', podStartUs: null });
    },
    isBusy: (jobName) =>
      rows.of(jobName).some(({ phase }) => phase !== 'complete' && phase !== 'failed'),
    get: (id) => rows.get(id),
    cancel(execution) {
      const run = rows.get(execution.id);
      if (run?.phase === 'running') {
        keep({ ...run, phase: 'deleting', nextMs: clock.now() + podStopMs });
      } else if (run !== undefined) drop(run.id);
      finish(base, execution, 'cancelled', 'Job execution cancelled by user.', base.stampUs());
    },
    cronJobDeleted(jobName) {
      for (const run of rows.of(jobName)) if (run.type === 'scheduled') drop(run.id);
    },
    close() {
      for (const cancel of timers.values()) cancel();
      lost.close();
    },
  };
}

const isEnding = (ending: RunScript['ending']): ending is 'complete' | 'failed' =>
  ending === 'complete' || ending === 'failed';

function scriptOf({ settings }: Base, { deployed, id, type, args }: RunStart): RunScript {
  const { jobName } = deployed;
  const success = { vdk_version: '0.3.9', status: 'Success', user_message: '' };
  return {
    runTimeMs: settings.runTimeMs,
    terminationMessage: JSON.stringify(success),
    ending: 'complete',
    logs: `start of ${id}\nrunning data job ${jobName} version ${deployed.jobVersion}\nend of ${id}\n`,
    ...settings.simulateRun?.({ executionId: id, jobName, type, args }),
  };
}

/** The service sees a run: its row follows, made anew when the job's is not there. */
function report(base: Base, run: RunRow): void {
  const { store } = base;
  if (store.jobs.get(run.jobName) === undefined || run.podStartUs === null) return;
  const known = store.executions.get(run.id);
  if (known !== undefined && known.status !== 'submitted' && known.status !== 'running') return;
  const { deployed } = run;
  const row: ExecutionRow = {
    id: run.id,
    jobName: run.jobName,
    type: run.type,
    opId: run.opId,
    startedBy: known?.startedBy ?? null,
    startUs: known?.startUs ?? wholeSecond(run.podStartUs),
    endUs: null,
    status: 'running',
    message: 'Running',
    deployment: {
      vdk_version: '',
      job_version: deployed.jobVersion,
      python_version: deployed.pythonVersion,
      deployed_by: deployed.deployedBy,
      deployed_date: instant(deployed.deployedAtUs),
      schedule: deployed.schedule,
      resources: deployed.resources,
    },
  };
  store.executions.put(row.id, row, row.jobName);
  if (run.phase !== 'complete') return;
  const ending = endingOf(run.script.terminationMessage);
  const deployment = { ...row.deployment, vdk_version: ending.vdkVersion };
  finish(base, { ...row, deployment }, ending.status, ending.message, wholeSecond(base.stampUs()));
}

const wholeSecond = (us: number) => Math.floor(us / 1e6) * 1e6;
