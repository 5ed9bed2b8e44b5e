/** What this cluster is called in ownership markers: an id that outlives the operator itself. */
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import { messageOf, OperatorError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';

const namespaceType = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
} as const;

/** An API server that is starting needs some seconds; asking more often helps nobody. */
const retryMs = 5_000;

/** UID of the namespace kube-system, which lives as long as the cluster does. */
export async function readClusterId(kube: KubeClient, signal?: AbortSignal): Promise<string> {
  const namespace = await kube.get<KubeObject>(namespaceType, { name: 'kube-system' }, signal);
  const { uid } = namespace.metadata as { readonly uid?: unknown };
  // With a wrong one, every job of ours would be taken for somebody else's after the next start.
  if (typeof uid === 'string' && /^[\w-]{8,}$/.test(uid)) return uid;
  throw new OperatorError(
    'transient',
    'UnreadableAnswer',
    'The namespace kube-system came without a uid, which names this cluster to the Control Service. ' +
      'Check that the address is a Kubernetes API server and that nothing in between changes its answers.',
  );
}

/** The same, however long it takes: nothing can be done before it is known. */
export async function awaitClusterId(
  kube: KubeClient,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      return await readClusterId(kube, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn(`Cannot start yet, trying again in ${retryMs / 1_000} s: ${messageOf(error)}`);
      await sleep(clock, retryMs, signal);
    }
  }
}
