/**
 * What the operator counts, under controller-runtime's names where those exist, so that the
 * dashboards people have go on working. No label holds the name of an object: such a series would
 * outlive it. Sums that the parts keep anyway are read when somebody asks, and cost nothing else.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ControlServiceClient } from './control-service/client.ts';
import { ControlServiceError } from './control-service/errors.ts';
import type { WorkReport } from './kube/workqueue.ts';
import type { OperatorStats } from './operator.ts';
import type { HttpTransport } from './platform/http.ts';

export interface OperatorMetrics {
  /** One finished pass. */
  worked(report: WorkReport): void;
  /** A transport that also counts the requests to the Kubernetes API. */
  countRequests(transport: HttpTransport): HttpTransport;
  /** A client that also counts its calls of the Control Service. */
  countCalls(service: ControlServiceClient): ControlServiceClient;
  /** The text that Prometheus reads. */
  page(): Promise<string>;
  readonly contentType: string;
}

export interface StatsSource {
  /** undefined while nothing has begun. */
  readonly stats: () => OperatorStats | undefined;
  readonly isLeader: () => boolean;
}

const controller = { controller: 'datajob' } as const;
const queueName = { name: 'datajob' } as const;

/** Seconds: from a pass that looks at one row, to one that uploads to a slow service. */
const buckets = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

export function createOperatorMetrics(source: StatsSource): OperatorMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the Kubernetes API, by method and status code.',
    labelNames: ['method', 'code'],
    registers,
  });
  const calls = new Counter({
    name: 'datajob_operator_control_service_calls_total',
    help: 'Calls of the Control Service, by operation and outcome: OK, or the reason of the error.',
    labelNames: ['operation', 'result'],
    registers,
  });
  addSums(registry, source);
  return {
    worked: passCounter(registry),
    countRequests: (transport) => async (request) => {
      const counted = (code: string) => requests.inc({ method: request.method, code });
      try {
        const response = await transport(request);
        counted(String(response.status));
        return response;
      } catch (error) {
        counted('<error>');
        throw error;
      }
    },
    countCalls: (service) =>
      countingCalls(service, (operation, result) => calls.inc({ operation, result })),
    page: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** How controller-runtime calls the ends of a pass. */
const results: { readonly [O in WorkReport['outcome']]: string } = {
  done: 'success',
  transient: 'error',
  conflict: 'requeue',
  terminal: 'error',
  cancelled: 'success',
};

function passCounter(registry: Registry): OperatorMetrics['worked'] {
  const registers = [registry];
  const passes = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Finished passes, by result.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const durations = (name: string, help: string, label: string) =>
    new Histogram({ name, help, labelNames: [label], buckets, registers });
  const took = durations(
    'controller_runtime_reconcile_time_seconds',
    'Time of a pass.',
    'controller',
  );
  const waited = durations('workqueue_queue_duration_seconds', 'Time in the queue.', 'name');
  const worked = durations('workqueue_work_duration_seconds', 'Time of a pass.', 'name');
  return ({ outcome, waitedMs, tookMs }) => {
    passes.inc({ ...controller, result: results[outcome] });
    took.observe(controller, tookMs / 1_000);
    waited.observe(queueName, waitedMs / 1_000);
    worked.observe(queueName, tookMs / 1_000);
  };
}

function addSums(registry: Registry, { stats, isLeader }: StatsSource): void {
  const add = (
    Kind: typeof Gauge | typeof Counter,
    [name, help]: readonly [name: string, help: string],
    labels: Record<string, string>,
    read: () => number | undefined,
  ) =>
    new Kind({
      name,
      help,
      labelNames: Object.keys(labels),
      registers: [registry],
      collect() {
        this.reset();
        this.inc(labels, read() ?? 0);
      },
    });
  const queued = (read: (queue: OperatorStats['queue']) => number) => () => {
    const queue = stats()?.queue;
    return queue === undefined ? undefined : read(queue);
  };
  const queue = (
    Kind: typeof Gauge | typeof Counter,
    name: string,
    help: string,
    read: (of: OperatorStats['queue']) => number,
  ) => add(Kind, [`workqueue_${name}`, help], queueName, queued(read));
  queue(Gauge, 'depth', 'Objects that wait for a pass.', depthOf);
  queue(Counter, 'adds_total', 'Times that an object began to wait.', ({ adds }) => adds);
  queue(Counter, 'retries_total', 'Passes repeated after a failure.', ({ retries }) => retries);
  queue(
    Gauge,
    'longest_running_processor_seconds',
    'Age of the pass that runs longest.',
    ({ longestRunMs }) => longestRunMs / 1_000,
  );
  add(
    Gauge,
    ['controller_runtime_active_workers', 'Passes that run.'],
    controller,
    queued(({ running }) => running),
  );
  add(
    Gauge,
    ['controller_runtime_max_concurrent_reconciles', 'Passes that may run at once.'],
    controller,
    () => stats()?.concurrency,
  );
  add(Gauge, ['leader_election_master_status', '1 while this instance leads.'], queueName, () =>
    isLeader() ? 1 : 0,
  );
  add(Gauge, ['datajob_operator_objects', 'DataJobs that are known.'], {}, () => stats()?.objects);
}

function depthOf({ waiting }: OperatorStats['queue']): number {
  return Object.values(waiting).reduce((sum, count) => sum + count, 0);
}

/** The same client, whose every method also tells how it ended. */
function countingCalls(
  service: ControlServiceClient,
  count: (operation: string, result: string) => void,
): ControlServiceClient {
  const methods = Object.entries(service).map(([operation, call]) => [
    operation,
    async (...args: unknown[]) => {
      try {
        const result = await (call as (...given: unknown[]) => Promise<unknown>)(...args);
        count(operation, 'OK');
        return result;
      } catch (error) {
        count(operation, error instanceof ControlServiceError ? error.reason : 'Cancelled');
        throw error;
      }
    },
  ]);
  return Object.fromEntries(methods) as ControlServiceClient;
}
