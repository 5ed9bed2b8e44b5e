/** A real API server for the tests of one file; they are skipped, with the reason, where there is none. */
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import {
  findProgram,
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

export interface OwnServerNeeds {
  /** What the tests do that nobody may do to a cluster that was there before. */
  readonly why: string;
  /** That must be beside the API server. */
  readonly programs?: readonly string[];
}

/**
 * Tests for a server that the test itself has started. Where that cannot be they are skipped, and
 * the report and the terminal say why.
 */
export function describeOnOwnServer(
  name: string,
  { why, programs = [] }: OwnServerNeeds,
  tests: () => void,
): void {
  const { kind } = findTarget();
  const missing = programs.filter((each) => findProgram(each) === undefined);
  if (kind === 'assets' && missing.length === 0) {
    describe(name, tests);
    return;
  }
  const reason =
    kind === 'assets'
      ? `KUBEBUILDER_ASSETS has no ${missing.join(', no ')}`
      : `they need a server of their own, because ${why}`;
  if (kind !== 'none') console.log(`SKIPPED the tests of "${name}": ${reason}.`);
  describe.skip(`${name} (skipped: ${reason})`, tests);
}
