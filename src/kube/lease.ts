/**
 * Leader election by a Lease: of several instances one works. It counts on nothing but its own
 * monotonic clock: others wait for the whole duration after the last change they saw, and the
 * leader stops well before that, counted from when it *sent* its last successful renewal. Work
 * that ends late, or wakes from a long sleep, meets the guard, which refuses to write.
 */
import { type Clock, sleep, withDeadline } from '../platform/clock.ts';
import { messageOf, OperatorError } from '../platform/errors.ts';
import type { HttpTransport } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import type { KubeClient } from './client.ts';
import { createLeaseRecords, type LeaseRecord, type LeaseRecords } from './lease-record.ts';
import type { ObjectName } from './object.ts';

export interface LeaderElectionOptions {
  /** Must not go through this election's own guard. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the Lease, with its namespace. */
  readonly name: ObjectName;
  /** Different for every process that ever runs, also after a restart in the same place. */
  readonly identity: string;
}

export interface LeaderElection {
  readonly isLeader: boolean;
  /** Passes reads always, and all else only while the lease is certain to be ours. */
  guard(transport: HttpTransport): HttpTransport;
  /**
   * Calls `lead` once this instance becomes the leader, and again whenever it does after it lost
   * the lease. Ends when `lead` ends otherwise, by itself or because `signal` is aborted, and then
   * gives the lease away. Throws what `lead` throws while it was not told to end.
   */
  run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** The customary figures: a dead leader is replaced within 17 s, a short hiccup replaces nobody. */
const durationMs = 15_000;
/** Work stops here: 5 s before others may begin, for what is already on its way. */
const renewDeadlineMs = 10_000;
const retryMs = 2_000;
/** Twice within the renew deadline, so that one lost request does not cost the lease. */
const requestDeadlineMs = 4_000;
/** Waits are shortened by up to this part, never lengthened, so that hand-over stays within 2 s. */
const spreadPart = 0.2;

/** No version that the API server gives. */
const goneVersion = 'gone';

/** A lease that is ours, and until when that is certain. */
interface Held {
  record: LeaseRecord;
  untilMs: number;
}

export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { clock } = options;
  const records = createLeaseRecords({ ...options, durationMs });
  let held: Held | undefined;
  const isHeld = () => held !== undefined && clock.elapsed() < held.untilMs;
  return {
    get isLeader() {
      return isHeld();
    },
    guard: (transport) => async (request) => {
      if (request.method === 'GET' || request.method === 'HEAD' || isHeld()) {
        return await transport(request);
      }
      throw lost('the lease may have run out');
    },
    async run(lead, signal) {
      while (!signal.aborted) {
        held = await acquire(options, records, signal);
        if (held === undefined) return;
        options.log.info('leading', { lease: options.name.name, identity: options.identity });
        try {
          const isLost = await hold(options, records, held, lead, signal);
          if (!isLost) return;
        } finally {
          held = undefined;
        }
      }
    },
  };
}

/** Waits for the lease; undefined = told to end before. */
async function acquire(
  options: LeaderElectionOptions,
  records: LeaseRecords,
  signal: AbortSignal,
): Promise<Held | undefined> {
  const { clock, log } = options;
  let seen: { readonly record: LeaseRecord; readonly at: number } | undefined;
  let said: string | undefined;
  const say = (level: 'info' | 'warn', message: string) => {
    if (message !== said) log[level](message, { lease: options.name.name });
    said = message;
  };
  while (!signal.aborted) {
    let waitMs = spread(options, retryMs);
    try {
      const record = await bounded(clock, requestDeadlineMs, signal, records.read);
      const now = clock.elapsed();
      // A Lease that somebody deleted is one that changed: its holder may not know yet.
      const known = record ?? (seen && { ...seen.record, version: goneVersion });
      if (known !== undefined && known.version !== seen?.record.version) {
        seen = { record: known, at: now };
      }
      const isTaken = known?.holder !== undefined && known.holder !== options.identity;
      const freeInMs = isTaken ? (seen?.at ?? now) + known.durationMs - now : 0;
      if (freeInMs <= 0) {
        const taken = await bounded(clock, requestDeadlineMs, signal, (both) =>
          take(clock, records, record, both),
        );
        if (taken !== undefined) return taken;
      } else {
        say('info', `${known?.holder} leads; waiting`);
        waitMs = Math.min(waitMs, freeInMs);
      }
    } catch (error) {
      if (!signal.aborted) say('warn', messageOf(error));
    }
    await sleep(clock, waitMs, signal).catch(() => {});
  }
  return undefined;
}

/** Works under the lease, and renews it until the work has ended; true = it was lost before. */
async function hold(
  options: LeaderElectionOptions,
  records: LeaseRecords,
  held: Held,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const { log, name } = options;
  const loss = new AbortController();
  const done = new AbortController();
  const renewing = renew(options, records, held, done.signal).catch((error: unknown) => {
    if (done.signal.aborted) return;
    log.warn(messageOf(error), { lease: name.name });
    loss.abort(error);
  });
  const working = AbortSignal.any([signal, loss.signal]);
  try {
    await lead(working);
  } catch (error) {
    if (!working.aborted) throw error;
  } finally {
    done.abort();
    await renewing;
    if (!loss.signal.aborted) await release(options, records, held.record);
  }
  return loss.signal.aborted;
}

/** Ends only by throwing: that the lease is lost, or the reason of `done`. */
async function renew(
  options: LeaderElectionOptions,
  records: LeaseRecords,
  held: Held,
  done: AbortSignal,
): Promise<never> {
  const { clock, identity } = options;
  const leftMs = () => held.untilMs - clock.elapsed();
  let problem = 'the lease was not renewed in time';
  for (;;) {
    await sleep(clock, Math.min(spread(options, retryMs), leftMs()), done);
    if (leftMs() <= 0) throw lost(problem);
    try {
      // No request outlasts the lease, so that its end is noticed when it comes.
      await bounded(clock, Math.min(requestDeadlineMs, leftMs()), done, (both) =>
        renewOnce(clock, records, held, identity, both),
      );
    } catch (error) {
      done.throwIfAborted();
      if (error instanceof OperatorError && error.disposition === 'cancelled') throw error;
      problem = messageOf(error);
    }
  }
}

async function renewOnce(
  clock: Clock,
  records: LeaseRecords,
  held: Held,
  identity: string,
  signal: AbortSignal,
): Promise<void> {
  const renewed = await take(clock, records, held.record, signal);
  if (renewed !== undefined) {
    Object.assign(held, renewed);
    return;
  }
  // Changed since: by a renewal of ours whose answer was lost, or by somebody else.
  const record = await records.read(signal);
  if (record?.holder !== identity) throw lost(`${record?.holder ?? 'nobody'} holds it now`);
  held.record = record;
}

async function take(
  clock: Clock,
  records: LeaseRecords,
  before: LeaseRecord | undefined,
  signal: AbortSignal,
): Promise<Held | undefined> {
  const sentAt = clock.elapsed();
  const record = await records.take(before, signal);
  return record && { record, untilMs: sentAt + renewDeadlineMs };
}

/** A courtesy: without it the others wait until it runs out. */
async function release(
  { clock, log, name }: LeaderElectionOptions,
  records: LeaseRecords,
  record: LeaseRecord,
): Promise<void> {
  try {
    await bounded(clock, requestDeadlineMs, undefined, (signal) => records.release(record, signal));
    log.info('no longer leading: gave the lease away', { lease: name.name });
  } catch (error) {
    log.warn('could not give the lease away', { lease: name.name, error: messageOf(error) });
  }
}

function bounded<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(clock, 'a request for the lease', ms, signal, work);
}

function spread({ random }: LeaderElectionOptions, ms: number): number {
  return ms * (1 - spreadPart * random.next());
}

function lost(why: string): OperatorError {
  return new OperatorError(
    'cancelled',
    'LeadershipLost',
    `No longer the leader: ${why.replace(/\.$/, '')}.`,
  );
}
