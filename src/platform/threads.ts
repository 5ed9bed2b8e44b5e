/**
 * Threads as a dependency: the program's own entry, started once more beside the main thread. A
 * thread has a heap and an event loop of its own, and shares arguments, environment and outputs.
 */
import { finished } from 'node:stream/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** A thread, as who started it sees it. */
export interface Thread {
  post(message: unknown): void;
  /** Ends it wherever it is, an endless loop included; resolves once none of its code runs. */
  terminate(): Promise<void>;
}

/** The exit code, and the error that nobody caught, if one ended it. */
export interface ThreadEnd {
  readonly code: number;
  readonly error?: unknown;
}

export interface ThreadListener {
  onMessage(message: unknown): void;
  /** Once it has ended by itself or was terminated, and all it wrote is handed on. */
  onEnd(end: ThreadEnd): void;
}

/** `data` is copied into the thread. */
export type StartThread = (data: unknown, listener: ThreadListener) => Thread;

/** Starts `entry`, the URL of a module; options of Node's command line hold for threads as well. */
export function threadsOf(entry: string): StartThread {
  return (data, { onMessage, onEnd }) => {
    const worker = new Worker(new URL(entry), { argv: process.argv.slice(2), workerData: data });
    let error: unknown;
    worker.on('message', onMessage);
    worker.on('error', (thrown) => {
      error = thrown;
    });
    worker.once('exit', async (code) => {
      await Promise.allSettled([worker.stdout, worker.stderr].map((output) => finished(output)));
      onEnd({ code, error });
    });
    return {
      post: (message) => worker.postMessage(message),
      terminate: async () => void (await worker.terminate()),
    };
  };
}

/** Who started this thread, as it sees it. */
export interface ParentThread {
  readonly data: unknown;
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** undefined in the main thread. */
export function parentThread(): ParentThread | undefined {
  if (isMainThread || parentPort === null) return undefined;
  const port = parentPort;
  return {
    data: workerData,
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
  };
}
