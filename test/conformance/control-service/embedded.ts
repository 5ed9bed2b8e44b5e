/** The embedded service as a target: in this process, on a manual clock, with all powers over it. */
import type { Auth } from '../../../src/control-service/auth/auth.ts';
import { noAuth } from '../../../src/control-service/auth/auth.ts';
import { apiTokenAuth } from '../../../src/control-service/auth/oauth.ts';
import {
  type HttpHandler,
  type HttpTransport,
  handlerTransport,
  readText,
} from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import {
  type ControlServiceSettings,
  createControlService,
  type EmbeddedControlService,
} from '../../../src/sandbox/control-service/service.ts';
import type { OutsideSystem, RunScript } from '../../../src/sandbox/control-service/settings.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createSeededRandom } from '../../support/seeded-random.ts';
import type { HookCall, Powers, Target } from './target.ts';

export interface EmbeddedTarget extends Target {
  readonly powers: Powers;
  readonly service: EmbeddedControlService;
}

export interface EmbeddedOptions extends Pick<ControlServiceSettings, 'persistence' | 'secrets'> {
  readonly security: boolean;
  /** Something in front of the service, which may break it. */
  readonly around?: (handler: HttpHandler) => HttpHandler;
}

const baseUrl = 'http://service.test';
const apiToken = 'api-token-of-conformance';
const bodyMaxBytes = 1024 * 1024;
/** Virtual time costs nothing: longer than the longest wait inside of the service. */
const patienceMs = 120_000;
/** Long enough for two calls in between, and for one well into a build. */
const deployTimeMs = 3_000;

type HookAnswer = Parameters<Powers['withHooks']>[0];

export function createEmbeddedTarget(options: EmbeddedOptions): EmbeddedTarget {
  const clock = createManualClock();
  const random = createSeededRandom();
  const down = new Set<OutsideSystem>();
  let hookAnswer: HookAnswer = () => undefined;
  let hookCalls: HookCall[] = [];
  const hooks: HttpTransport = async ({ url, body }) => {
    const call = { url, body: JSON.parse(String(body)) as HookCall['body'] };
    hookCalls.push(call);
    const [status, text] = hookAnswer(call) ?? [200, ''];
    return { status, headers: new Map(), body: new Blob([text]).stream() };
  };
  const prefix = 'conf-';
  const failingPrefix = `${prefix}fails-`;
  const service = createControlService({
    clock,
    random,
    log: silentLog,
    ...(options.persistence === undefined ? {} : { persistence: options.persistence }),
    secrets: options.secrets ?? 'on',
    deployTimeMs,
    builderWaitMs: 15_000,
    synchronizerIntervalMs: 2_000,
    synchronizerStartMs: 1_000,
    failDeployments: `${failingPrefix}*`,
    simulateRun: ({ args }) => args as Partial<RunScript>,
    isDown: (system) => down.has(system),
    webhooks: {
      transport: hooks,
      postCreateUrl: 'http://hooks.test/created',
      postDeleteUrl: 'http://hooks.test/deleted',
      authorizationUrl: 'http://hooks.test/authorized',
    },
    ...(options.security ? { security: { apiTokens: { [apiToken]: 'conformance' } } } : {}),
  });
  const transport = handlerTransport((options.around ?? ((handler) => handler))(service.handler));
  return {
    service,
    baseUrl,
    transport,
    auth: options.security ? ownAuth(transport, clock) : noAuth,
    random,
    clock,
    pass: (ms) => clock.advance(ms),
    patienceMs,
    prefix,
    mode: options.persistence,
    mayLeaveCredentials: true,
    signal: new AbortController().signal,
    powers: {
      failingPrefix,
      issueToken: (claims) => service.issueToken(claims, `${baseUrl}/issuer`),
      async during(outage, work) {
        down.add(outage);
        try {
          await work();
        } finally {
          down.delete(outage);
        }
      },
      async withHooks(answer, work) {
        hookAnswer = answer;
        hookCalls = [];
        try {
          await work();
          return hookCalls;
        } finally {
          hookAnswer = () => undefined;
        }
      },
    },
  };
}

/** As VDK's own clients come by a token: from the issuer that the service brings along. */
function ownAuth(transport: HttpTransport, clock: Target['clock']): Auth {
  let auth: Promise<Auth> | undefined;
  const discovered = async () => {
    const url = `${baseUrl}/issuer/.well-known/openid-configuration`;
    const text = await readText(await transport({ method: 'GET', url }), bodyMaxBytes);
    const { token_endpoint: authorizationUrl } = JSON.parse(text) as { token_endpoint: string };
    return apiTokenAuth({ transport, clock, apiToken, authorizationUrl });
  };
  const known = () => {
    auth ??= discovered();
    return auth;
  };
  return {
    token: async (signal) => (await known()).token(signal),
    renew: async (refused, signal) => (await known()).renew(refused, signal),
    secrets: () => [apiToken],
  };
}
