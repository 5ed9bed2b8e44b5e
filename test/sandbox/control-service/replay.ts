/** Makes recorded exchanges again on an embedded service, each at its moment. */
import type { JWTPayload } from 'jose';
import type { HttpTransport } from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import {
  type ControlServiceSettings,
  createControlService,
  type EmbeddedControlService,
} from '../../../src/sandbox/control-service/service.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { differences } from './compare.ts';
import { type Exchange, type Sent, send } from './exchanges.ts';

const random = {
  next: () => 0.5,
  uuid: () => '00000000-0000-4000-8000-000000000000',
  hex: () => '',
};

export interface Replay {
  /** What differs, by the name of the exchange. */
  readonly found: ReadonlyMap<string, readonly string[]>;
  /** Steps in between that the service refused, which is a mistake in them. */
  readonly refused: readonly string[];
}

export const nameOf = ({ mode, case: name }: Exchange) => `${mode} ${name}`;

export async function replay(
  exchanges: readonly Exchange[],
  steps: readonly Sent[],
  settings: Partial<ControlServiceSettings>,
): Promise<Replay> {
  const all = [...exchanges, ...steps].sort((a, b) => a.at - b.at);
  const clock = createManualClock((all[0]?.at ?? 0) - 60_000);
  let current: Partial<Exchange> = {};
  const service = createControlService({
    clock,
    random,
    log: silentLog,
    simulateRun,
    isDown: (system) => isDown(system, current.setup ?? ''),
    ...settings,
    ...(settings.webhooks && {
      webhooks: { ...settings.webhooks, transport: (request) => hookAnswer(current)(request) },
    }),
  });
  const found = new Map<string, readonly string[]>();
  const refused: string[] = [];
  for (const each of all) {
    await clock.advance(Math.max(each.at - clock.now(), 0));
    current = each;
    const response = await send(service.handler, await withToken(service, each));
    if ('case' in each) {
      const differing = await differences(each as Exchange, response);
      if (differing.length > 0) found.set(nameOf(each as Exchange), differing);
    } else if (response.status >= 400) {
      refused.push(`${each.method} ${each.path}: ${response.status} ${await response.text()}`);
    }
  }
  service.close();
  return { found, refused };
}

/** The arguments of a run say what it does: so the recorded ones come out as they did. */
const simulateRun: ControlServiceSettings['simulateRun'] = ({ args, executionId }) => {
  const { sleep, status, vdk, ending, word, text } = args as Record<
    string,
    string | number | undefined
  >;
  const message = { vdk_version: vdk ?? '0.3.9', status: status ?? 'Success' };
  return {
    runTimeMs: typeof sleep === 'number' ? sleep * 1000 + 1000 : 1900,
    terminationMessage: status === null ? null : String(text ?? JSON.stringify(message)),
    ending: (ending as 'failed' | undefined) ?? 'complete',
    logs: `start of ${executionId}\nlife-marker ${word}\nlast line of ${executionId}\n`,
  };
};

function isDown(system: 'KUBERNETES' | 'Git', setup: string): boolean {
  if (system === 'Git') return /git unreachable/.test(setup);
  return /cluster and git unreachable/.test(setup);
}

/** What the recorder's webhook answered, by the name of the case. */
const hookAnswers: Readonly<Record<string, readonly [number, string]>> = {
  'create-webhook-403': [403, 'no more jobs for you'],
  'create-webhook-409': [409, 'conflict says the hook'],
  'create-webhook-500': [500, ''],
  'create-webhook-302': [302, ''],
  'delete-webhook-400': [400, 'keep it'],
  'webhook-401-empty': [401, ''],
  'webhook-404': [404, 'gone'],
  'webhook-500': [500, ''],
  'webhook-302': [302, ''],
};

function hookAnswer(exchange: Partial<Exchange>): HttpTransport {
  return async () => {
    const [status, text] = hookAnswers[exchange.case ?? ''] ?? [200, ''];
    return { status, headers: new Map(), body: new Blob([text]).stream() };
  };
}

const issuer = 'http://localhost:18092/issuer';

/** The recording names its tokens by their case instead of showing them. */
async function withToken(service: EmbeddedControlService, sent: Sent): Promise<Sent> {
  const name = /^Bearer <(.+)>$/.exec(sent.request_headers?.Authorization ?? '')?.[1];
  if (name === undefined) return sent;
  const Authorization =
    literal[name] ?? `Bearer ${await service.issueToken(claims(name, sent.at), issuer)}`;
  return { ...sent, request_headers: { ...sent.request_headers, Authorization } };
}

const literal: Readonly<Record<string, string>> = {
  'garbage-token': 'Bearer garbage',
  basic: 'Basic YWxpY2U6cHc=',
  'empty-bearer': 'Bearer',
};

function claims(name: string, atMs: number): JWTPayload {
  const now = Math.trunc(atMs / 1000);
  const good = { username: 'alice', org: 'ours', roles: ['admin'] };
  const special: Readonly<Record<string, JWTPayload>> = {
    expired: { iat: now, exp: now - 3600 },
    'expired-30s': { iat: now, exp: now - 30 },
    'expired-2-min': { iat: now - 600, exp: now - 120 },
    'expired-30-s-ago': { iat: now - 600, exp: now - 30 },
    'not-yet-valid': { nbf: now + 300, exp: now + 900 },
    'other-issuer': { iss: 'http://localhost:1/issuer' },
    'no-exp': { exp: undefined },
    'wrong-claim': { org: 'theirs' },
    'claim-missing': { org: undefined },
    'wrong-role': { roles: ['guest'] },
    'role-missing': { roles: undefined },
    'no-username-claim': { username: undefined },
    'no-username-claim-write': { username: undefined },
  };
  return { ...good, ...special[name] };
}
