/**
 * The note that `kubectl apply` leaves on an object: the manifest it was made from. The sandbox
 * leaves the same one, byte for byte, so that the first `kubectl apply` of the same files answers
 * "unchanged".
 */
import type { KubeObject } from '../kube/object.ts';

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

export function withLastApplied<T extends KubeObject>(manifest: T): T {
  const { [lastAppliedAnnotation]: _, ...annotations } = manifest.metadata.annotations ?? {};
  const plain = { ...manifest, metadata: { ...manifest.metadata, annotations } };
  return {
    ...plain,
    metadata: {
      ...plain.metadata,
      annotations: { ...annotations, [lastAppliedAnnotation]: `${goJson(plain)}\n` },
    },
  };
}

/** JSON as Go's encoder writes it: sorted keys, and what HTML might trip over escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(sorted(value)).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  // Go compares bytes; for the ASCII names of manifests that is the order of code units.
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
