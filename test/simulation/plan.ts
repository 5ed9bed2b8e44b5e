/**
 * A run of the simulation as data: what persons do, and what goes wrong where. Equal plans give
 * equal runs, so a plan is all that is needed to see a failure again, and it can be made smaller.
 */
import type { AnswerFault } from './faults/answers.ts';
import type { WatchFault } from './faults/watch-lines.ts';

export type Side = 'kube' | 'service';

/** Where the service keeps deployments. */
export type Persistence = 'K8S' | 'DB' | 'BOTH';

export interface Plan {
  readonly name: string;
  /** Order of what happens at one moment, latencies, ids. */
  readonly seed: number;
  readonly persistence?: Persistence;
  /** One way, from and to. */
  readonly latencyMs?: readonly [number, number];
  readonly deployTimeMs?: number;
  /** From an operator's death to the start of the next. */
  readonly restartMs?: number;
  readonly concurrency?: number;
  /** Operators elect a leader, and as many as were started stay, however often they die. */
  readonly elects?: true;
  /** Two operators with a part of the objects each; persons move objects from one to the other. */
  readonly shards?: true;
  readonly steps: readonly Step[];
  readonly faults?: readonly Fault[];
  readonly watchFaults?: readonly WatchLineFault[];
}

/** How long the service takes to build and install what is deployed. */
export function deployTimeOf({ deployTimeMs = 3_000 }: Plan): number {
  return deployTimeMs;
}

/** At the operator's request number `request`, from 0, counted since the step `mark` or the start. */
export interface Fault {
  readonly request: number;
  readonly kind: FaultKind;
  /** The request takes effect and only its answer is wrong. */
  readonly applied: boolean;
}

/** `kill`: gone at once. `stop`: SIGTERM. Both before the request is sent or after its effect. */
export type FaultKind = AnswerFault | 'kill' | 'stop';

/** At the watch line number `line`, from 0, counted since the step `mark` or the start. */
export interface WatchLineFault {
  readonly line: number;
  readonly kind: WatchFault;
}

export interface SpecChange {
  readonly [field: string]: unknown;
}

export type Step =
  /** Creates the object, or puts this spec in place of the one it has. */
  | { readonly do: 'apply'; readonly name: string; readonly spec: SpecChange }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'annotate'; readonly name: string; readonly value: string | null }
  | {
      readonly do: 'configMap';
      readonly name: string;
      readonly files: Readonly<Record<string, string>> | null;
    }
  /** Somebody changes the job at the service behind our back. */
  | { readonly do: 'drift'; readonly job: string; readonly kind: Drift }
  /** A job of others. */
  | {
      readonly do: 'foreign';
      readonly job: string;
      readonly team: string;
      readonly description?: string;
      /** Deployed as well. */
      readonly deployed?: true;
    }
  | { readonly do: 'removeForeign'; readonly job: string; readonly team: string }
  /** Somebody else writes to an object. */
  | {
      readonly do: 'meddle';
      readonly name: string;
      /** `hold`: a finalizer of others, which keeps the object for ever. */
      readonly kind: 'label' | 'shard' | 'status' | 'finalizer' | 'hold';
    }
  /** Starts an operator. `second`: beside the one that runs, which is told to stop after `ms`. */
  | { readonly do: 'start' }
  | { readonly do: 'second'; readonly ms: number }
  /** One more, which stays. */
  | { readonly do: 'standby' }
  /** The operator that leads ends. */
  | { readonly do: 'kill' }
  | { readonly do: 'stop' }
  /** From now on, for `ms`, every request of the operator to that side fails. */
  | { readonly do: 'outage'; readonly side: Side; readonly ms: number; readonly kind: AnswerFault }
  | { readonly do: 'jump'; readonly ms: number }
  /** The leader's process stands still for `ms`, and goes on as if nothing had been. */
  | { readonly do: 'freeze'; readonly ms: number }
  /** For `ms`, the API server hears nothing of the leader, which gets no answers. */
  | { readonly do: 'partition'; readonly ms: number }
  /** Somebody writes another name into the Lease, or deletes it. */
  | { readonly do: 'steal' }
  | { readonly do: 'deleteLease' }
  /** The API server forgets its history and ends its watches. */
  | { readonly do: 'compact' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Until all is as it has to be. */
  | { readonly do: 'settle' }
  /** Boundaries are counted from here. */
  | { readonly do: 'mark' };

export type Drift = 'disable' | 'schedule' | 'delete' | 'version' | 'undeploy';
