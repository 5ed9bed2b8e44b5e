/** One operator process: the shipped composition root on virtual time, network and randomness. */

import { bearerAuth } from '../../src/control-service/auth/bearer.ts';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { createLeaderElection } from '../../src/kube/lease.ts';
import { createOperator, type OperatorParts, type OperatorPorts } from '../../src/operator.ts';
import type { Log, LogFields } from '../../src/platform/log.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import type { Kernel } from './kernel.ts';
import { createTransport, type Line, type NetworkOptions } from './network.ts';
import { checkSecrets, type Report } from './oracles/safety.ts';
import type { Side } from './plan.ts';
import { tokens, urls } from './serve.ts';

/** An operator with something altered, for the mutation check. */
export interface Altered {
  readonly parts?: OperatorParts;
  readonly ports?: (ports: OperatorPorts) => OperatorPorts;
  readonly network?: (transport: NetworkTransport) => NetworkTransport;
  readonly election?: typeof createLeaderElection;
}

/** In the namespace that exists anyway. */
export const leaseName = { namespace: 'default', name: 'datajob-operator' };

export type NetworkTransport = ReturnType<typeof createTransport>;

export interface Instance {
  readonly id: string;
  readonly labelSelector: string | undefined;
  readonly line: Line;
  readonly isDead: boolean;
  /** Of one that elects nobody: that it works. */
  readonly isLeader: boolean;
  readonly isStopping: boolean;
  /** `run` has returned, or the process is dead. */
  readonly hasEnded: boolean;
  kill(): void;
  stop(): void;
  /** Stands still for `ms`; what comes meanwhile is heard after that, in order. */
  freeze(ms: number): void;
  /** Is heard by that side no more, for `ms`. */
  cutOff(side: Side, ms: number): void;
  /** For when nobody looks any more: signals with listeners are kept until they are aborted. */
  dispose(): void;
  /** What it has left behind after its end. */
  leaks(): readonly string[];
}

export interface InstanceOptions extends Omit<NetworkOptions, 'onViolation'> {
  readonly id: string;
  readonly report: Report;
  readonly pollIntervalMs: number;
  readonly altered: Altered;
  readonly onEnd: () => void;
  /** undefined = all objects. */
  readonly labelSelector?: string | undefined;
}

export function startInstance(options: InstanceOptions): Instance {
  const { kernel, id, plan, report, altered, labelSelector, pollIntervalMs } = options;
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
  const sleep = createSleep(kernel);
  const cut = new Set<Side>();
  const ownClock = kernel.ownClock(() => isDead);
  const clock = {
    ...ownClock,
    after: (delayMs: number, task: () => void) => {
      let isOff = false;
      const cancel = ownClock.after(delayMs, () => sleep.whenAwake(() => isOff || task()));
      return () => {
        isOff = true;
        cancel();
      };
    },
  };
  const random = createSeededRandom(plan.seed * 31 + Number(id.replace(/\D/g, '')));
  const line: Line = {
    id,
    isDead: () => isDead,
    isStopping: () => stopping.signal.aborted,
    gone: gone.signal,
    ends: { kill, stop },
    whenAwake: sleep.whenAwake,
    isCutFrom: (side) => cut.has(side),
    open: new Set(),
  };
  const network = { ...options, onViolation: report };
  const plainTransport = (side: Side) => createTransport(network, side, line);
  const transport = (side: Side) => altered.network?.(plainTransport(side)) ?? plainTransport(side);
  const common = { clock, random, log: scannedLog(kernel, report, id) };
  const kubeOver = (way: NetworkTransport) =>
    createKubeClient({
      ...common,
      baseUrl: urls.kube,
      transport: way,
      headers: async () => ({ authorization: `Bearer ${tokens.kube}` }),
      userAgent: 'datajob-operator',
    });
  // As `run` puts them together.
  const election = plan.elects
    ? (altered.election ?? createLeaderElection)({
        ...common,
        client: kubeOver(transport('kube')),
        name: leaseName,
        identity: id,
      })
    : undefined;
  const guard = election?.guard ?? ((way: NetworkTransport) => way);
  const plainPorts: OperatorPorts = {
    ...common,
    kube: kubeOver(guard(transport('kube'))),
    service: createControlServiceClient({
      ...common,
      baseUrl: urls.service,
      transport: guard(transport('service')),
      auth: bearerAuth(tokens.service),
    }),
  };
  const operator = createOperator(
    altered.ports?.(plainPorts) ?? plainPorts,
    { concurrency: plan.concurrency ?? 4, pollIntervalMs, labelSelector },
    ...(altered.parts === undefined ? [] : ([altered.parts] as const)),
  );
  kernel.note(`${id} starts`);
  const work =
    election === undefined
      ? operator.run(stopping.signal)
      : election.run((signal) => operator.run(signal), stopping.signal);
  work.then(
    () => end(),
    (error: unknown) => {
      if (!stopping.signal.aborted) report('crash', `the operator ended: ${String(error)}`);
      end();
    },
  );
  return {
    id,
    labelSelector,
    line,
    get isDead() {
      return isDead;
    },
    get isLeader() {
      return election?.isLeader ?? true;
    },
    get isStopping() {
      return stopping.signal.aborted;
    },
    get hasEnded() {
      return hasEnded;
    },
    kill,
    stop,
    dispose() {
      kill();
      stopping.abort(new Error('the world has ended'));
    },
    freeze(ms) {
      kernel.note(`${id} stands still`);
      sleep.begin(ms);
    },
    cutOff(side, ms) {
      kernel.note(`${id} is cut off`);
      cut.add(side);
      kernel.after(ms, () => cut.delete(side));
    },
    leaks: () => [
      ...(clock.waiting() > 0 ? [`${clock.waiting()} timers`] : []),
      ...[...line.open].map((name) => `the request ${name}`),
    ],
  };
}

interface Sleep {
  begin(ms: number): void;
  whenAwake(task: () => void): void;
}

/** A process that stands still: nothing is lost, all comes in order when it goes on. */
function createSleep(kernel: Kernel): Sleep {
  const missed: (() => void)[] = [];
  let isAsleep = false;
  const next = () => {
    missed.shift()?.();
    if (missed.length > 0) kernel.after(0, next);
    else isAsleep = false;
  };
  return {
    begin(ms) {
      if (isAsleep) return;
      isAsleep = true;
      kernel.after(ms, next);
    },
    whenAwake(task) {
      if (isAsleep) missed.push(task);
      else task();
    },
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
