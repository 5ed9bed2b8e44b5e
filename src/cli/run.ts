/** `run`: the operator for a cluster and a Control Service, until it is told to stop. */
import { createOperator } from '../operator.ts';
import { messageOf } from '../platform/errors.ts';
import { createLog } from '../platform/log.ts';
import { connect } from './connect.ts';
import { type Context, exitCodes } from './context.ts';
import type { runOptions } from './options.ts';
import type { SettingsOf } from './settings.ts';

/**
 * Passes in flight have this long to end or to stop at a safe point. Kubernetes kills a pod 30 s
 * after it asked.
 */
const stopWithinMs = 20_000;

export async function run(
  context: Context,
  settings: SettingsOf<typeof runOptions>,
): Promise<number> {
  const { process, clock, random } = context;
  const { namespaces, concurrency, clusterId } = settings;
  const log = createLog(settings.logLevel);
  const clients = await connect(context, settings, log);
  const operator = createOperator(
    { ...clients, clock, random, log },
    {
      concurrency,
      pollIntervalMs: settings.pollInterval,
      namespaces,
      clusterId,
    },
  );
  log.info('started', {
    controlService: settings.controlServiceUrl,
    namespaces: namespaces ?? 'all',
    concurrency,
    pollIntervalMs: settings.pollInterval,
  });
  const late = Promise.withResolvers<'late'>();
  process.stop.addEventListener('abort', () => {
    log.info('stopping');
    clock.after(stopWithinMs, () => late.resolve('late'));
  });
  try {
    const end = await Promise.race([operator.run(process.stop), late.promise]);
    if (end === 'late') {
      log.error('work in flight did not end in time and was abandoned', { stopWithinMs });
      return exitCodes.differs;
    }
  } catch (error) {
    if (!process.stop.aborted) {
      log.error('ended', { error: messageOf(error) });
      throw error;
    }
  } finally {
    await clients.close();
  }
  log.info('stopped');
  return exitCodes.done;
}
