/** A token in a file that somebody else rotates, such as a projected service account token. */
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import { ControlServiceError } from '../errors.ts';
import type { Auth } from './auth.ts';
import { refreshingAuth } from './refreshing.ts';
import { checkedToken } from './token.ts';

export interface TokenFileOptions {
  readonly path: string;
  readonly readFile: (path: string, signal: AbortSignal) => Promise<string>;
  readonly clock: Clock;
}

/** Kubernetes replaces such a file long before its token ends; looking once a minute is enough. */
const rereadMs = 60_000;

export function tokenFileAuth({ path, readFile, clock }: TokenFileOptions): Auth {
  return refreshingAuth({
    clock,
    secrets: [],
    async fetchToken(signal) {
      let text: string;
      try {
        text = await readFile(path, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw new ControlServiceError(
          'transient',
          'AuthenticationFailed',
          `the token file ${path} cannot be read: ${messageOf(error)}. What to do: check that it is mounted.`,
        );
      }
      return { token: checkedToken(text, `the token file ${path}`), lifetimeMs: rereadMs };
    },
  });
}
