/** The suite on the embedded API server, in this process and on the system's clock. */
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import { handlerTransport } from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { createKubeApi } from '../../../src/sandbox/kube-api/kube-api.ts';
import { createApiClient } from './client.ts';
import { knownDifferences } from './known-differences.ts';
import { kubeApiConformance } from './suite/all.ts';
import { type ConformanceTarget, installDefinitions } from './target.ts';

describe('the embedded Kubernetes API', () => {
  const token = 'conformance';
  const clock = systemClock;
  const api = createKubeApi({ clock, random: systemRandom, log: silentLog, token });
  const target: ConformanceTarget = {
    kind: 'embedded',
    api: createApiClient({
      transport: handlerTransport(api.handler),
      baseUrl: 'http://kube.test',
      headers: async () => ({ authorization: `Bearer ${token}` }),
    }),
    compact: async () => api.compact(),
    controllers: true,
  };
  beforeAll(() => installDefinitions(target.api));
  afterAll(() => api.close());
  kubeApiConformance(() => target);
  knownDifferences(() => target);
});
