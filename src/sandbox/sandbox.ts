/**
 * Everything in one process: the embedded Kubernetes API and the embedded Control Service on real
 * sockets, and clients for both that are no different from those of a cluster.
 */
import { dataJobCrd } from '../api/crd.ts';
import {
  type ControlServiceClient,
  createControlServiceClient,
} from '../control-service/client.ts';
import { createKubeClient, type KubeClient } from '../kube/client.ts';
import { isConflict } from '../kube/errors.ts';
import type { KubeObject } from '../kube/object.ts';
import { undiciTransport } from '../platform/http.ts';
import { applyManifests } from './apply.ts';
import type { EmbeddedControlService } from './control-service/service.ts';
import type { EmbeddedKubeApi } from './kube-api/kube-api.ts';
import { kubeconfigFor } from './kube-api/kubeconfig.ts';
import {
  type RunningKubeApi,
  type ServersOptions,
  startControlService,
  startKubeApi,
} from './servers.ts';

export interface Sandbox {
  readonly kubeUrl: string;
  readonly serviceUrl: string;
  /** As YAML text. It holds the token. */
  readonly kubeconfig: string;
  /** There was a state in the data folder. */
  readonly continued: boolean;
  readonly kube: KubeClient;
  readonly service: ControlServiceClient;
  /** The servers themselves, for who wants to count what callers did. */
  readonly kubeApi: EmbeddedKubeApi;
  readonly controlService: EmbeddedControlService;
  apply(manifests: readonly KubeObject[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The operator's requests and watches, and those of whoever looks on. */
const connections = 64;
/** A server in the same process answers at once, or never. */
const headersTimeoutMs = 30_000;

const operatorAgent = 'datajob-operator';
/** kubectl takes over the fields of its own name only: so a later `kubectl apply` meets no conflict. */
const applyAgent = 'kubectl-client-side-apply';

const crdType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
} as const;

export async function startSandbox(options: ServersOptions): Promise<Sandbox> {
  const kubernetes = await startKubeApi(options);
  try {
    const controlService = await startControlService(options);
    return await withClients(options, kubernetes, controlService);
  } catch (error) {
    await kubernetes.close();
    throw error;
  }
}

async function withClients(
  { clock, random, log }: ServersOptions,
  kubernetes: RunningKubeApi,
  controlService: Awaited<ReturnType<typeof startControlService>>,
): Promise<Sandbox> {
  const { url, ca, token } = kubernetes;
  // Watches are silent for minutes, so no limit on the silence inside a body.
  const transport = undiciTransport({
    connections,
    headersTimeoutMs,
    bodyTimeoutMs: 0,
    tls: { ca },
  });
  const kubeFor = (userAgent: string) =>
    createKubeClient({
      baseUrl: url,
      transport,
      headers: async () => ({ authorization: `Bearer ${token}` }),
      clock,
      log,
      userAgent,
    });
  const plain = undiciTransport({ connections, headersTimeoutMs, bodyTimeoutMs: headersTimeoutMs });
  const kube = kubeFor(operatorAgent);
  await installCrd(kube);
  return {
    kubeUrl: url,
    serviceUrl: controlService.url,
    kubeconfig: kubeconfigFor({ url, ca, token }),
    continued: kubernetes.continued,
    kube,
    service: createControlServiceClient({
      baseUrl: controlService.url,
      transport: plain,
      clock,
      random,
      log,
      userAgent: operatorAgent,
    }),
    kubeApi: kubernetes.api,
    controlService: controlService.service,
    apply: (manifests, signal) => applyManifests(kubeFor(applyAgent), manifests, signal),
    async close() {
      await Promise.all([transport.close(), plain.close()]);
      await Promise.all([kubernetes.close(), controlService.close()]);
    },
  };
}

/** A state that was kept may hold the CRD of an older version of this program. */
async function installCrd(kube: KubeClient): Promise<void> {
  try {
    await kube.create<KubeObject>(crdType, dataJobCrd);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await kube.patch(crdType, dataJobCrd.metadata, { kind: 'merge', body: dataJobCrd });
  }
}
