/** What an event of events.k8s.io/v1 says, within the limits of the API. Pure. */
import type { KubeObject } from './object.ts';

export interface EventNote {
  readonly regarding: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** A PascalCase word: why. */
  readonly reason: string;
  /** A PascalCase word: what was done. */
  readonly action: string;
  /** A sentence. */
  readonly note: string;
}

/** All of an event but its own metadata. */
export function eventOf(
  { regarding: { apiVersion, kind, metadata }, type, reason, action, note }: EventNote,
  atMs: number,
  reportingController: string,
  reportingInstance: string,
) {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: microTime(atMs),
    type,
    reason,
    action,
    note: cut(note),
    reportingController,
    reportingInstance,
    regarding: { apiVersion, kind, namespace, name, uid, resourceVersion },
  };
}

/** Kubernetes has microseconds here; our clock has milliseconds. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/** The API server refuses a note of more bytes. */
const noteMaxBytes = 1_024;

/** Cut between characters, never inside one. */
function cut(text: string): string {
  const room = new Uint8Array(noteMaxBytes);
  if (new TextEncoder().encodeInto(text, room).read === text.length) return text;
  const { read } = new TextEncoder().encodeInto(text, room.subarray(0, noteMaxBytes - 3));
  return `${text.slice(0, read)}…`;
}
