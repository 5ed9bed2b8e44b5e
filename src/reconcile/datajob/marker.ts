/**
 * The ownership marker: one line at the end of a job's description, the only place at the service
 * where a client can leave a lasting word (there are no labels and no ETags). People can read it.
 */
import type { Marker } from './model.ts';

const pattern =
  /^managed by datajob-operator: cluster ([^\s]+) object ([^\s/]+)\/([^\s/]+) uid ([^\s]+)$/;

export function markerLine({ clusterId, namespace, name, uid }: Marker): string {
  return `managed by datajob-operator: cluster ${clusterId} object ${namespace}/${name} uid ${uid}`;
}

/** What is sent as the job's description. */
export function withMarker(description: string, marker: Marker): string {
  return description === '' ? markerLine(marker) : `${description}\n\n${markerLine(marker)}`;
}

/** The description as people wrote it, and the marker if its last line is one. */
export function splitDescription(text: string): {
  readonly description: string;
  readonly marker?: Marker;
} {
  const lastBreak = text.lastIndexOf('\n');
  const match = pattern.exec(text.slice(lastBreak + 1));
  if (match === null) return { description: text };
  const [, clusterId = '', namespace = '', name = '', uid = ''] = match;
  const description = lastBreak < 0 ? '' : text.slice(0, lastBreak).replace(/\n$/, '');
  return { description, marker: { clusterId, namespace, name, uid } };
}

export function sameMarker(a: Marker, b: Marker): boolean {
  return sameObject(a, b) && a.uid === b.uid;
}

/** Of one cluster, namespace and name; it may have been made anew since. */
export function sameObject(a: Omit<Marker, 'uid'>, b: Omit<Marker, 'uid'>): boolean {
  return a.clusterId === b.clusterId && a.namespace === b.namespace && a.name === b.name;
}
