/** The embedded API server behind a socket, with a kubeconfig: as kubectl needs it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/platform/clock.ts';
import { handlerTransport } from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { serveHttp } from '../../../src/platform/serve.ts';
import { createServingCertificate } from '../../../src/sandbox/kube-api/certificate.ts';
import { createKubeApi } from '../../../src/sandbox/kube-api/kube-api.ts';
import { kubeconfigFor } from '../../../src/sandbox/kube-api/kubeconfig.ts';
import { createApiClient } from './client.ts';
import { installDefinitions } from './target.ts';

export interface ServedApi {
  readonly kubeconfigFile: string;
  close(): Promise<void>;
}

/** `crds`: false for who installs them by other means. */
export async function serveEmbedded({ crds = true } = {}): Promise<ServedApi> {
  const token = systemRandom.hex(16);
  const api = createKubeApi({ clock: systemClock, random: systemRandom, log: silentLog, token });
  const tls = await createServingCertificate();
  const { handler } = api;
  const server = await serveHttp({ handler, host: '127.0.0.1', port: 0, tls });
  const headers = async () => ({ authorization: `Bearer ${token}` });
  const transport = handlerTransport(handler);
  if (crds) {
    await installDefinitions(createApiClient({ transport, baseUrl: 'http://kube.test', headers }));
  }
  const folder = mkdtempSync(join(tmpdir(), 'datajob-operator-embedded-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  writeFileSync(kubeconfigFile, kubeconfigFor({ url: server.url, ca: tls.cert, token }), {
    mode: 0o600,
  });
  return {
    kubeconfigFile,
    async close() {
      api.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
