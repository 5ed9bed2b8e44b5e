/** One operator process: the shipped composition root on virtual time, network and randomness. */

import { bearerAuth } from '../../src/control-service/auth/bearer.ts';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { createOperator, type OperatorParts, type OperatorPorts } from '../../src/operator.ts';
import type { Log, LogFields } from '../../src/platform/log.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import type { Kernel } from './kernel.ts';
import { createTransport, type Line, type NetworkOptions } from './network.ts';
import { checkSecrets, type Report } from './oracles/safety.ts';
import { tokens, urls } from './serve.ts';

/** An operator with something altered, for the mutation check. */
export interface Altered {
  readonly parts?: OperatorParts;
  readonly ports?: (ports: OperatorPorts) => OperatorPorts;
  readonly network?: (transport: NetworkTransport) => NetworkTransport;
}

export type NetworkTransport = ReturnType<typeof createTransport>;

export interface Instance {
  readonly id: string;
  readonly line: Line;
  readonly isDead: boolean;
  readonly isStopping: boolean;
  /** `run` has returned, or the process is dead. */
  readonly hasEnded: boolean;
  kill(): void;
  stop(): void;
  /** What it has left behind after its end. */
  leaks(): readonly string[];
}

export interface InstanceOptions extends Omit<NetworkOptions, 'onViolation'> {
  readonly id: string;
  readonly report: Report;
  readonly pollIntervalMs: number;
  readonly altered: Altered;
  readonly onEnd: () => void;
}

export function startInstance(options: InstanceOptions): Instance {
  const { kernel, id, plan, report, altered } = options;
  let isDead = false;
  let hasEnded = false;
  const stopping = new AbortController();
  const gone = new AbortController();
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    options.onEnd();
  };
  const kill = () => {
    if (isDead || hasEnded) return;
    kernel.note(`${id} is killed`);
    isDead = true;
    gone.abort(new Error('the process is gone'));
    end();
  };
  const stop = () => {
    if (isDead || stopping.signal.aborted) return;
    kernel.note(`${id} is told to stop`);
    stopping.abort(new Error('told to stop'));
  };
  const clock = kernel.ownClock(() => isDead);
  const random = createSeededRandom(plan.seed * 31 + Number(id.replace(/\D/g, '')));
  const line: Line = {
    id,
    isDead: () => isDead,
    isStopping: () => stopping.signal.aborted,
    gone: gone.signal,
    ends: { kill, stop },
    open: new Set(),
  };
  const network = { ...options, onViolation: report };
  const plainTransport = (side: 'kube' | 'service') => createTransport(network, side, line);
  const transport = (side: 'kube' | 'service') =>
    altered.network?.(plainTransport(side)) ?? plainTransport(side);
  const common = { clock, random, log: scannedLog(kernel, report, id) };
  const plainPorts: OperatorPorts = {
    ...common,
    kube: createKubeClient({
      ...common,
      baseUrl: urls.kube,
      transport: transport('kube'),
      headers: async () => ({ authorization: `Bearer ${tokens.kube}` }),
      userAgent: 'datajob-operator',
    }),
    service: createControlServiceClient({
      ...common,
      baseUrl: urls.service,
      transport: transport('service'),
      auth: bearerAuth(tokens.service),
    }),
  };
  const operator = createOperator(
    altered.ports?.(plainPorts) ?? plainPorts,
    { concurrency: plan.concurrency ?? 4, pollIntervalMs: options.pollIntervalMs },
    ...(altered.parts === undefined ? [] : ([altered.parts] as const)),
  );
  kernel.note(`${id} starts`);
  operator.run(stopping.signal).then(
    () => end(),
    (error: unknown) => {
      if (!stopping.signal.aborted) report('crash', `the operator ended: ${String(error)}`);
      end();
    },
  );
  return {
    id,
    line,
    get isDead() {
      return isDead;
    },
    get isStopping() {
      return stopping.signal.aborted;
    },
    get hasEnded() {
      return hasEnded;
    },
    kill,
    stop,
    leaks: () => [
      ...(clock.waiting() > 0 ? [`${clock.waiting()} timers`] : []),
      ...[...line.open].map((name) => `the request ${name}`),
    ],
  };
}

/** Keeps nothing; looks for secrets in whatever is logged, at every level. */
function scannedLog(kernel: Kernel, report: Report, id: string): Log {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const text = `${message} ${JSON.stringify(fields)}`;
      checkSecrets(text, `the log (${level})`, report);
      if (level === 'error') report('error-log', text);
      if (level !== 'debug') kernel.note(`${id} logs ${level}: ${text}`);
    };
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: () => log,
  };
  return log;
}
