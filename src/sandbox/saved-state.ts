/**
 * Keeps the embedded API server's state in a file: read at the start, written shortly after each
 * write that a client made, and once more at the end.
 */
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { messageOf, OperatorError } from '../platform/errors.ts';
import type { Files } from '../platform/files.ts';
import type { HttpHandler } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';

export interface SavedStateOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly folder: string;
  readonly snapshot: () => unknown;
}

export interface SavedState {
  /** The handler, with each write noticed. */
  watching(handler: HttpHandler): HttpHandler;
  /** Writes what is not yet written, and stops. */
  close(): Promise<void>;
}

/** Many writes come at once; half a second is what a crash may cost. */
const delayMs = 500;
/** It holds Secrets. */
const fileMode = 0o600;

function stateFile(folder: string): string {
  return join(folder, 'kubernetes.json');
}

/** undefined = no state yet. */
export async function readState(files: Files, folder: string): Promise<unknown> {
  const path = stateFile(folder);
  if ((await files.kindOf(path)) === undefined) return undefined;
  try {
    return JSON.parse(await files.readText(path));
  } catch (error) {
    throw new OperatorError(
      'terminal',
      'InvalidState',
      `${path} holds no state that can be read (${messageOf(error)}): remove it to start anew.`,
    );
  }
}

export function createSavedState(options: SavedStateOptions): SavedState {
  const { files, clock, log, folder, snapshot } = options;
  /** Set while there is something to write. */
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    cancel = undefined;
    writing = writing
      .then(() => files.writeText(stateFile(folder), JSON.stringify(snapshot()), fileMode))
      .catch((error) => log.error('the state was not saved', { error: messageOf(error) }));
  };
  return {
    watching: (handler) => async (request) => {
      const response = await handler(request);
      if (!isRead(request.method)) cancel ??= clock.after(delayMs, write);
      return response;
    },
    async close() {
      if (cancel !== undefined) {
        cancel();
        write();
      }
      await writing;
    },
  };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
