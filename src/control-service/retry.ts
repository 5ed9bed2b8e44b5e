/**
 * A client that tries again, for programs without a queue of their own. The operator does not use
 * it: there, every failure goes back to the queue, which knows what else is waiting.
 */
import { type Clock, sleep } from '../platform/clock.ts';
import { jittered, type Random } from '../platform/random.ts';
import type { CallOptions, ControlServiceClient } from './client.ts';
import { type OperationId, operationIds, operationOf } from './contract.ts';
import { mayPass } from './errors.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** After the first try. */
  readonly retries: number;
}

/** As VDK's own clients: 2 s, doubled each time, two minutes at most. */
const firstPauseMs = 2_000;
const pauseMaxMs = 120_000;
const jitterPart = 0.2;

type Method = (args: unknown, options?: CallOptions) => Promise<unknown>;

/** Repeats what is safe to repeat when the failure may pass by itself; the rest is left as it is. */
export function withRetries(client: ControlServiceClient, options: RetryOptions) {
  const methods = operationIds.map((id): [OperationId, Method] => {
    const method = client[id] as Method;
    return [id, operationOf(id).safeToRepeat ? retrying(method, options) : method];
  });
  return Object.fromEntries(methods) as ControlServiceClient;
}

function retrying(method: Method, { clock, random, retries }: RetryOptions): Method {
  return async (args, options = {}) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await method(args, options);
      } catch (error) {
        if (attempt >= retries || !mayPass(error)) throw error;
        const ownMs = Math.min(firstPauseMs * 2 ** attempt, pauseMaxMs);
        const pauseMs = error.retryAfterMs ?? jittered(random, ownMs, jitterPart);
        await sleep(clock, pauseMs, options.signal);
      }
    }
  };
}
