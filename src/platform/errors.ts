/**
 * Errors that say what to do about them. Every error that leaves a part of this program and is
 * expected in operation is an `OperatorError`; anything else is a bug and is treated as transient,
 * so that no object is ever lost.
 */

/**
 * transient: back off and try again. conflict: again at once, silently, after reading anew.
 * terminal: wait for a new generation or a changed dependency. cancelled: we were told to stop.
 */
export type Disposition = 'transient' | 'conflict' | 'terminal' | 'cancelled';

export class OperatorError extends Error {
  readonly disposition: Disposition;
  /** PascalCase and stable: the condition's reason, the event's reason and the metric's label. */
  readonly reason: string;
  /** How long the other side asked us to stay away (Retry-After), when it did. */
  readonly retryAfterMs: number | undefined;

  constructor(
    disposition: Disposition,
    reason: string,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = 'OperatorError';
    this.disposition = disposition;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What to do about any error; `signal` is that of the work which threw it. */
export function dispositionOf(error: unknown, signal?: AbortSignal): Disposition {
  if (signal?.aborted) return 'cancelled';
  return error instanceof OperatorError ? error.disposition : 'transient';
}

/**
 * One line for a person. An `OperatorError` is a whole sentence already; what caused any other error
 * is added when that says more.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || error.name;
  if (error instanceof OperatorError || !(error.cause instanceof Error)) return own;
  const cause = messageOf(error.cause);
  return own.includes(cause) ? own : `${own}: ${cause}`;
}
