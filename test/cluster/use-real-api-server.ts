/** A real API server for the tests of one file; they are skipped, with the reason, where there is none. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import {
  findTarget,
  type RealApiServer,
  type RealApiServerOptions,
  startRealApiServer,
} from './real-api-server.ts';

/** A server of one's own, on two cores that others use as well. */
const startWithinMs = 180_000;

/** What it returns gives the server, once tests and their hooks run. */
export function useRealApiServer(options: RealApiServerOptions = {}): () => RealApiServer {
  const target = findTarget();
  const reason = target.kind === 'none' ? target.reason : '';
  let server: RealApiServer | undefined;
  beforeAll(async () => {
    if (target.kind !== 'none') server = await startRealApiServer(target, options);
  }, startWithinMs);
  afterAll(() => server?.close());
  beforeEach(({ skip }) => skip(target.kind === 'none', reason));
  return () => {
    if (server === undefined) throw new Error(`There is no API server: ${reason}`);
    return server;
  };
}
