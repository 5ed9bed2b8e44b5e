/** `run`: the operator for a cluster and a Control Service, until it is told to stop. */
import { createLeaderElection, type LeaderElection } from '../kube/lease.ts';
import { createOperator, type Operator } from '../operator.ts';
import { createOperatorMetrics } from '../operator-metrics.ts';
import { messageOf } from '../platform/errors.ts';
import type { HttpHandler } from '../platform/http.ts';
import { createLog, type Log } from '../platform/log.ts';
import { serveHttp } from '../platform/serve.ts';
import { type Connected, connect } from './connect.ts';
import { type Context, exitCodes } from './context.ts';
import type { runOptions } from './options.ts';
import { healthHandler, metricsHandler } from './probes.ts';
import type { BindAddress, SettingsOf } from './settings.ts';
import { leaseNameOf } from './shard.ts';
import { UsageError } from './usage-error.ts';

type RunSettings = SettingsOf<typeof runOptions>;

/**
 * Passes in flight have this long to end or to stop at a safe point. Kubernetes kills a pod 30 s
 * after it asked.
 */
const stopWithinMs = 20_000;

export async function run(context: Context, settings: RunSettings): Promise<number> {
  const { process, clock } = context;
  const log = createLog(settings.logLevel);
  const connected = await connect(context, settings, log);
  const election = settings.leaderElect ? elect(context, settings, connected, log) : undefined;
  const { operator, handlers } = assemble(context, settings, connected, election, log);
  const servers = await serveAll([
    [settings.metricsBindAddress, handlers.metrics],
    [settings.healthProbeBindAddress, handlers.health],
  ]);
  log.info('started', {
    controlService: settings.controlServiceUrl,
    namespaces: settings.namespaces ?? 'all',
    labelSelector: settings.labelSelector ?? 'all',
    concurrency: settings.concurrency,
    pollIntervalMs: settings.pollInterval,
  });
  const late = Promise.withResolvers<'late'>();
  process.stop.addEventListener('abort', () => {
    log.info('stopping');
    clock.after(stopWithinMs, () => late.resolve('late'));
  });
  const work =
    election === undefined
      ? operator.run(process.stop)
      : election.run((signal) => operator.run(signal), process.stop);
  try {
    if ((await Promise.race([work, late.promise])) === 'late') {
      log.error('work in flight did not end in time and was abandoned', { stopWithinMs });
      return exitCodes.differs;
    }
  } catch (error) {
    if (!process.stop.aborted) {
      log.error('ended', { error: messageOf(error) });
      throw error;
    }
  } finally {
    await Promise.all([connected.close(), ...servers.map((server) => server.close())]);
  }
  log.info('stopped');
  return exitCodes.done;
}

function elect(
  { process, clock, random, supervised }: Context,
  settings: RunSettings,
  { kube, namespace }: Connected,
  log: Log,
): LeaderElection {
  const { labelSelector } = settings;
  return createLeaderElection({
    client: kube,
    clock,
    random,
    log: labelSelector === undefined ? log : log.with({ labelSelector }),
    name: {
      namespace: settings.leaderElectNamespace ?? namespace,
      name: leaseNameOf(labelSelector),
    },
    identity: `${process.env.HOSTNAME ?? 'operator'}_${supervised?.instance ?? random.uuid()}`,
  });
}

function assemble(
  { clock, random, parts, supervised }: Context,
  settings: RunSettings,
  connected: Connected,
  election: LeaderElection | undefined,
  log: Log,
): { readonly operator: Operator; readonly handlers: Record<'metrics' | 'health', HttpHandler> } {
  const { namespaces, labelSelector, concurrency, clusterId } = settings;
  const isLeader = () => election?.isLeader ?? true;
  const metrics = createOperatorMetrics({ stats: () => operator.stats(), isLeader });
  const guard = election?.guard ?? ((transport) => transport);
  const { kube, service } = connected.through(
    (transport) => metrics.countRequests(guard(transport)),
    guard,
  );
  const operator: Operator = createOperator(
    {
      ...{ kube, clock, random, log, watch: supervised?.watch },
      ...{ service: metrics.countCalls(service), onWorked: metrics.worked },
    },
    { namespaces, labelSelector, concurrency, clusterId, pollIntervalMs: settings.pollInterval },
    parts,
  );
  const health = healthHandler({
    isLive: () => !operator.isStuck,
    // One that waits to lead is ready to: a roll-out must not wait for it.
    isReady: () => operator.synced || !isLeader(),
  });
  return { operator, handlers: { metrics: metricsHandler(metrics), health } };
}

function serveAll(wanted: readonly (readonly [BindAddress | undefined, HttpHandler])[]) {
  return Promise.all(
    wanted.flatMap(([address, handler]) => {
      if (address === undefined) return [];
      return [
        serveHttp({ ...address, handler }).catch((error: unknown) => {
          throw new UsageError(
            `Cannot serve on ${address.host}:${address.port}: ${messageOf(error)}. Give another ` +
              '--metrics-bind-address or --health-probe-bind-address, or 0 for none.',
          );
        }),
      ];
    }),
  );
}
