/** What every command is given, and what its result means. */
import type { OperatorParts } from '../operator.ts';
import type { Clock } from '../platform/clock.ts';
import type { Files } from '../platform/files.ts';
import type { Process } from '../platform/process.ts';
import type { Random } from '../platform/random.ts';
import type { Supervised } from './supervised.ts';

/** All that commands know of the world. */
export interface Context {
  readonly process: Process;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  /** Others than the shipped ones serve to plant a bug. */
  readonly parts?: OperatorParts | undefined;
  /** undefined in the main thread. */
  readonly supervised?: Supervised | undefined;
}

/** done: as wished. differs: not as wished, each command says how. failed: wrong use, or no result. */
export const exitCodes = { done: 0, differs: 1, failed: 2 } as const;
