/** What can happen to one line of a watch, and to the connection that brings it. */

export type WatchFault =
  /** Never delivered; the server then says that it has forgotten (410), as after a compaction. */
  | 'lost'
  | 'twice'
  /** It and all after it come half a minute late. */
  | 'late'
  /** The connection ends politely before it. */
  | 'ends'
  /** 410 in its place. */
  | 'expired'
  /** An error of the server in its place. */
  | 'error'
  /** Half a line, then the end. */
  | 'cut'
  /** The connection breaks. */
  | 'broken'
  /** Nothing comes any more, and nobody says so. */
  | 'silent';

export const watchFaults: readonly WatchFault[] = [
  'lost',
  'twice',
  'late',
  'ends',
  'expired',
  'error',
  'cut',
  'broken',
  'silent',
];

export const lateMs = 30_000;

export function errorLine(code: number, reason: string): Uint8Array {
  const object = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'a fault made on purpose',
    reason,
    code,
  };
  return new TextEncoder().encode(`${JSON.stringify({ type: 'ERROR', object })}\n`);
}
