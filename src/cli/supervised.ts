/** The thread's side of its supervision: beats, tells which passes run, and hears when to stop. */
import type { WorkWatch } from '../operator-watch.ts';
import type { Clock } from '../platform/clock.ts';
import type { ParentThread } from '../platform/threads.ts';

/** What a thread is started with. */
export interface Inheritance extends Pick<WorkWatch, 'suspects' | 'guilty'> {
  /** Of the process, whichever of its threads works. */
  readonly instance: string;
}

export type FromThread =
  | { readonly kind: 'beat' }
  | { readonly kind: 'begins'; readonly key: string; readonly version: string }
  | { readonly kind: 'ends'; readonly key: string };

/** The only word to a thread. */
export const stopWord = 'stop';

/** How often a thread shows that it is not blocked. */
export const beatMs = 1_000;

export interface Supervised {
  readonly instance: string;
  readonly watch: WorkWatch;
  /** Aborted when the main thread, which alone hears signals, passes on the wish to stop. */
  readonly stop: AbortSignal;
}

/** Begins to beat. */
export function supervisedBy(parent: ParentThread, clock: Clock): Supervised {
  const { instance, suspects, guilty } = parent.data as Inheritance;
  const stop = new AbortController();
  const say = (message: FromThread) => parent.post(message);
  parent.onMessage((word) => {
    if (word === stopWord) stop.abort(new Error('asked to stop'));
  });
  const beat = () => {
    say({ kind: 'beat' });
    clock.after(beatMs, beat);
  };
  beat();
  return {
    instance,
    stop: stop.signal,
    watch: {
      suspects,
      guilty,
      begins: (key, version) => say({ kind: 'begins', key, version }),
      ends: (key) => say({ kind: 'ends', key }),
    },
  };
}
