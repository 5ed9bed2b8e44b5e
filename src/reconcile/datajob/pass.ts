/** What one pass over one object found, did and concluded: the input of status and events. */
import type { SourceFile } from '../../source/files.ts';
import type { Effects } from './act.ts';
import type { Action, Desired, Observed, Recorded } from './model.ts';

/** A source whose content is known by its digest; the files are read only when they are needed. */
export interface Source {
  readonly digest: string;
  /** Identity and version of where it came from, when that is an object of its own. */
  readonly revision?: string | undefined;
  read(): Promise<SourceContent>;
}

/** As it is when it is read, which may be newer than what was known of it. */
export interface SourceContent extends Omit<Source, 'read'> {
  readonly files: readonly SourceFile[];
}

export type Verdict =
  /** The service matches, and the wanted version is deployed. */
  | { readonly kind: 'inSync' }
  /** Everything was sent; the service has yet to show it. */
  | { readonly kind: 'waiting' }
  /** Looked, wrote nothing: `planned` is what would be done. */
  | { readonly kind: 'observed'; readonly planned: readonly Action[] }
  | { readonly kind: 'suspended' }
  /** A deletion waits for something at the service: for the removal that was asked for, or for a create. */
  | { readonly kind: 'deleting'; readonly waitingFor: string; readonly isRemoval: boolean }
  /** The object is let go; `leftAlone` says why its job was not touched, if so. */
  | { readonly kind: 'released'; readonly leftAlone?: string | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Pass {
  readonly verdict: Verdict;
  readonly source?: Source | undefined;
  readonly desired?: Desired | undefined;
  readonly observed?: Observed | undefined;
  readonly recorded?: Recorded | undefined;
  /** What had to be done; in a failed pass `effects.done` may be shorter. */
  readonly actions: readonly Action[];
  readonly effects: Effects;
  /** The job is known to be this object's. */
  readonly owned: boolean;
}

export function noEffects(): Effects {
  return { done: [], deploymentRequested: false };
}
