/**
 * Keeps work that never pauses from stopping all other work for good. Such work blocks its thread,
 * so only another one can see it: each pass is told to that one, and what it found out about
 * passes that blocked a thread before this one is heeded.
 */
import type { WorkqueueOptions } from './kube/workqueue.ts';
import { OperatorError } from './platform/errors.ts';

/** The line to who watches, and what that one knows. */
export interface WorkWatch {
  /** `version` changes when somebody changes the object or asks for a new try. */
  begins(key: string, version: string): void;
  ends(key: string): void;
  /** In work when the thread before this one was blocked: they run first, and one at a time. */
  readonly suspects: readonly string[];
  /** By key, what blocked a thread while nothing else was in work. */
  readonly guilty: ReadonlyMap<string, Guilt>;
}

export interface Guilt {
  /** Any other version deserves a new try. */
  readonly version: string;
  /** Not if even that, without the work, blocked a thread. */
  readonly mayTell: boolean;
}

type Handle = WorkqueueOptions['handle'];

export interface Containment {
  around(handle: Handle): Handle;
  /** Why the object is left alone, if so. */
  objectionTo(key: string): OperatorError | undefined;
}

export const unwatched: WorkWatch = {
  begins: () => {},
  ends: () => {},
  suspects: [],
  guilty: new Map(),
};

export function createContainment(
  watch: WorkWatch,
  versionOf: (key: string) => string,
): Containment {
  const guiltOf = (key: string) => {
    const guilt = watch.guilty.get(key);
    return guilt?.version === versionOf(key) ? guilt : undefined;
  };
  return {
    objectionTo: (key) => (guiltOf(key) === undefined ? undefined : blockedBefore()),
    around: (handle) => async (key, signal) => {
      if (guiltOf(key)?.mayTell === false) return {};
      watch.begins(key, versionOf(key));
      try {
        return await handle(key, signal);
      } finally {
        watch.ends(key);
      }
    },
  };
}

function blockedBefore(): OperatorError {
  return new OperatorError(
    'terminal',
    'OperatorBlocked',
    'Work on this object never came to an end and blocked the whole operator, which was started ' +
      'anew without it. That is a fault of the operator: please report it with the manifest. The ' +
      'object is left alone until its spec changes, a reconcile is requested, or the operator restarts.',
  );
}
