/**
 * Tokens that run out: kept until shortly before their end, then fetched anew, by one request at a
 * time however many calls wait for it. A call that gives up does not take the request with it.
 */
import { type Clock, DeadlineError, withDeadline } from '../../platform/clock.ts';
import { ControlServiceError } from '../errors.ts';
import { untilAborted } from '../until-aborted.ts';
import type { Auth } from './auth.ts';

export interface FetchedToken {
  readonly token: string;
  /** How long it works. */
  readonly lifetimeMs: number;
}

export interface RefreshingOptions {
  readonly clock: Clock;
  readonly fetchToken: (signal: AbortSignal) => Promise<FetchedToken>;
  /** What must never be shown, besides the tokens themselves. */
  readonly secrets: readonly string[];
}

/** As VDK's own clients; a token of less than four minutes keeps three quarters of its life. */
const marginMs = 60_000;
/** A token is worth no longer wait: the call that needs it has its own deadline too. */
const fetchTimeoutMs = 30_000;
/** While the old token still works, a source that fails is left alone for a moment. */
const retryAfterMs = 5_000;

interface Held {
  readonly token: string;
  readonly expiresAt: number;
  refreshAt: number;
}

export function refreshingAuth({ clock, fetchToken, secrets }: RefreshingOptions): Auth {
  let held: Held | undefined;
  /** Kept out of messages too: the service may still quote it. */
  let previous: string | undefined;
  let fetching: Promise<Held> | undefined;

  const fetchOnce = (): Promise<Held> => {
    fetching ??= withDeadline(clock, 'getting a token', fetchTimeoutMs, undefined, (signal) =>
      untilAborted(signal, fetchToken(signal)),
    )
      .then(({ token, lifetimeMs }) => {
        if (held !== undefined && held.token !== token) previous = held.token;
        const now = clock.elapsed();
        const refreshAt = now + lifetimeMs - Math.min(marginMs, lifetimeMs / 4);
        held = { token, expiresAt: now + lifetimeMs, refreshAt };
        return held;
      })
      .catch((error: unknown) => {
        throw error instanceof DeadlineError ? tooSlow(error) : error;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };

  return {
    async token(signal) {
      const now = clock.elapsed();
      const current = held;
      if (current !== undefined && now < current.refreshAt) return current.token;
      try {
        return (await untilAborted(signal, fetchOnce())).token;
      } catch (error) {
        if (signal.aborted || current === undefined || clock.elapsed() >= current.expiresAt) {
          throw error;
        }
        current.refreshAt = clock.elapsed() + retryAfterMs;
        return current.token;
      }
    },
    async renew(refused, signal) {
      // Another call may have met the same refusal and renewed already.
      const current =
        held !== undefined && held.token !== refused
          ? held
          : await untilAborted(signal, fetchOnce());
      return current.token === refused ? undefined : current.token;
    },
    secrets: () =>
      [held?.token, previous, ...secrets].filter((each): each is string => each !== undefined),
  };
}

function tooSlow(cause: DeadlineError): ControlServiceError {
  return new ControlServiceError(
    'transient',
    'ControlServiceUnavailable',
    `${cause.message}. What to do: check the token endpoint and the network on the way.`,
    { why: cause.message },
  );
}
