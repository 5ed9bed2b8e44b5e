/** From settings to the two clients that every command works with. */
import { authFromEnvironment } from '../control-service/auth/from-environment.ts';
import {
  type ControlServiceClient,
  createControlServiceClient,
} from '../control-service/client.ts';
import { type EnvironmentSettings, readEnvironment } from '../control-service/settings.ts';
import { createKubeClient, type KubeClient } from '../kube/client.ts';
import { openConnection } from '../kube/connection.ts';
import { type HttpTransport, undiciTransport } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { Context } from './context.ts';
import { UsageError } from './usage-error.ts';

export interface Clients {
  readonly kube: KubeClient;
  readonly service: ControlServiceClient;
}

/** What every request of a client goes through, on its way to the network. */
export type Through = (transport: HttpTransport) => HttpTransport;

export interface Connected extends Clients {
  /** Other clients over the same connections. */
  through(kube: Through, service: Through): Clients;
  /** That of the kubeconfig's context, or of the pod. */
  readonly namespace: string;
  /** What VDK's own variables say about the service. */
  readonly vdk: EnvironmentSettings;
  close(): Promise<void>;
}

export interface ClientSettings {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly controlServiceUrl: string | undefined;
}

/** The service serves its callers by a small pool of its own; more would only queue up there. */
const serviceConnections = 8;
/** The client has deadlines for each call: this only ends a silence that outlasts them all. */
const serviceSilenceMs = 20 * 60_000;

const userAgent = 'datajob-operator';

export async function connect(
  { process, clock, random }: Context,
  { kubeconfig, context, controlServiceUrl }: ClientSettings,
  log: Log,
): Promise<Connected> {
  const vdk = readEnvironment(process.env);
  if (vdk.problems.length > 0) throw new UsageError(vdk.problems.join('\n'));
  if (controlServiceUrl === undefined) {
    throw new UsageError(
      'Which Control Service? Set VDK_CONTROL_SERVICE_REST_API_URL, or give --control-service-url.',
    );
  }
  const connection = await openConnection({ kubeconfig, context, clock });
  const transport = undiciTransport({
    connections: vdk.connections ?? serviceConnections,
    headersTimeoutMs: serviceSilenceMs,
    bodyTimeoutMs: serviceSilenceMs,
    connectTimeoutMs: vdk.connectTimeoutMs,
    tls: { rejectUnauthorized: vdk.verifyTls },
  });
  const through = (kube: Through, service: Through): Clients => ({
    kube: createKubeClient({
      ...connection,
      transport: kube(connection.transport),
      watchTransport: kube(connection.watchTransport),
      clock,
      log,
      userAgent,
    }),
    service: createControlServiceClient({
      baseUrl: controlServiceUrl,
      transport: service(transport),
      clock,
      random,
      log,
      auth: authFromEnvironment(vdk, { transport, clock }),
      userAgent: vdk.userAgent ?? userAgent,
      timeouts: vdk.timeouts,
      opId: vdk.opId,
    }),
  });
  const plain: Through = (each) => each;
  return {
    ...through(plain, plain),
    through,
    namespace: connection.namespace,
    vdk,
    async close() {
      await Promise.all([connection.close(), transport.close()]);
    },
  };
}
