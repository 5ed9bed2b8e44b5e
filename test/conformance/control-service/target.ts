/** A service to be judged, and what time is for it. */
import type { JWTPayload } from 'jose';
import type { Auth } from '../../../src/control-service/auth/auth.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import type { HttpTransport } from '../../../src/platform/http.ts';
import type { Random } from '../../../src/platform/random.ts';
import type { OutsideSystem, Persistence } from '../../../src/sandbox/control-service/settings.ts';

export interface Target {
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  readonly auth: Auth;
  readonly random: Random;
  readonly clock: Clock;
  /** Lets time pass: moves a manual clock, or waits. */
  readonly pass: (ms: number) => Promise<void>;
  /** The longest wait for what the service does later. */
  readonly patienceMs: number;
  /** What all names of this run begin with. */
  readonly prefix: string;
  /** What somebody knows about the service; found out when absent. */
  readonly mode?: Persistence | undefined;
  readonly mayLeaveCredentials: boolean;
  /** What only the one who has started the service can do to it. */
  readonly powers?: Powers;
  /** Aborted when somebody ends the run: cases stop, cleaning does not. */
  readonly signal: AbortSignal;
}

/** Arguments by which a run says what it does, as simulated services understand them. */
export interface RunOrders {
  readonly runTimeMs?: number;
  readonly terminationMessage?: string | null;
  readonly ending?: 'complete' | 'failed' | 'lost' | 'never-started';
}

export interface HookCall {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Powers {
  /** Jobs whose names begin so have builds that fail. */
  readonly failingPrefix: string;
  issueToken(claims: JWTPayload): Promise<string>;
  /** Does `work` while a system behind the service cannot be reached. */
  during(outage: OutsideSystem, work: () => Promise<void>): Promise<void>;
  /** Does `work` while the webhooks answer so; tells what they were asked. */
  withHooks(
    answer: (call: HookCall) => readonly [status: number, text: string] | undefined,
    work: () => Promise<void>,
  ): Promise<readonly HookCall[]>;
}
