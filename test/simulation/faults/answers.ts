/**
 * What can become of one request: the list B1 to B19 of the fault matrix, as far as it can happen
 * without sockets. Each says whether it can hit a request, and what the operator then gets to see.
 */
import type { Side } from '../plan.ts';
import type { Served } from '../serve.ts';

export interface Asked {
  readonly side: Side;
  readonly method: string;
  readonly isWatch: boolean;
  /** As in the coverage table: `PATCH datajobs/status`. */
  readonly operation: string;
  readonly nowMs: number;
  /** What the operator sent as its token, for answers that echo it. */
  readonly token: string;
}

export type Outcome =
  /** undefined = never. */
  | { readonly kind: 'nothing'; readonly error: Error | undefined; readonly afterMs: number }
  | { readonly kind: 'answer'; readonly served: Served; readonly pace?: Pace };

export interface Pace {
  readonly pieces: number;
  readonly everyMs: number;
  /** The body breaks off after half of it. */
  readonly breaks?: boolean;
}

interface Kind {
  /** Whether the request may have taken effect: both are tried where both can be. */
  readonly effects: 'unapplied' | 'applied' | 'both';
  readonly hits?: (asked: Asked) => boolean;
  /** `real` is there when the request was applied. */
  readonly outcome: (asked: Asked, real: Served) => Outcome;
}

const isWrite = ({ method }: Asked) => method !== 'GET';
const isJson = ({ isWatch }: Asked) => !isWatch;
const isRead = ({ method, isWatch }: Asked) => method === 'GET' && !isWatch;

const failure = (code: string, afterMs = 0): Outcome => ({
  kind: 'nothing',
  error: Object.assign(new Error(`network failure ${code}`), { code }),
  afterMs,
});

const html = '<html><body><h1>Please sign in</h1><form></form></body></html>';

/** An answer in the words of the side that is asked. */
function refusal(asked: Asked, status: number, headers: Record<string, string> = {}): Outcome {
  const body =
    asked.side === 'kube'
      ? {
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          message: 'a fault made on purpose',
          reason: kubeReasons[status] ?? 'InternalError',
          code: status,
        }
      : {
          what: 'a fault made on purpose',
          why: 'the simulation wants it',
          consequences: 'none',
          countermeasures: 'none',
        };
  const empty = asked.side === 'service' && [401, 404, 409].includes(status);
  return answer(status, empty ? '' : JSON.stringify(body), {
    'content-type': 'application/json',
    ...(asked.side === 'service' ? { 'x-opid': 'simulated' } : {}),
    ...headers,
  });
}

const kubeReasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function answer(status: number, body: string, headers: Record<string, string>): Outcome {
  const bytes = new TextEncoder().encode(body);
  return { kind: 'answer', served: { status, headers: new Map(Object.entries(headers)), bytes } };
}

const page = (status: number): Outcome => answer(status, html, { 'content-type': 'text/html' });

function changed(real: Served, change: (text: string) => string): Outcome {
  const bytes = new TextEncoder().encode(change(new TextDecoder().decode(real.bytes)));
  return { kind: 'answer', served: { ...real, bytes } };
}

/** The same answer with fields that nobody knows, everywhere. */
function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).map(([key, each]) => [key, withUnknownFields(each)]);
  return { ...Object.fromEntries(known), fieldOfTomorrow: { deep: [1, null, 'x'] } };
}

const jsonOf = (text: string): unknown => (text === '' ? undefined : JSON.parse(text));

const kinds = {
  refused: { effects: 'unapplied', outcome: () => failure('ECONNREFUSED') },
  noHost: { effects: 'unapplied', outcome: () => failure('ENOTFOUND') },
  reset: { effects: 'both', outcome: () => failure('ECONNRESET') },
  timeout: { effects: 'both', outcome: () => failure('UND_ERR_HEADERS_TIMEOUT', 20_000) },
  hang: { effects: 'both', outcome: () => ({ kind: 'nothing', error: undefined, afterMs: 0 }) },
  slow: {
    effects: 'applied',
    hits: isJson,
    outcome: (_, served) => ({ kind: 'answer', served, pace: { pieces: 8, everyMs: 2_500 } }),
  },
  resetMidway: {
    effects: 'applied',
    hits: isJson,
    outcome: (_, served) => ({
      kind: 'answer',
      served,
      pace: { pieces: 2, everyMs: 10, breaks: true },
    }),
  },
  status500: { effects: 'both', outcome: (asked) => refusal(asked, 500) },
  status502: { effects: 'both', outcome: () => page(502) },
  status503: { effects: 'both', outcome: (asked) => refusal(asked, 503) },
  status504: { effects: 'both', outcome: () => page(504) },
  rateSeconds: {
    effects: 'unapplied',
    outcome: (asked) => refusal(asked, 429, { 'retry-after': '7' }),
  },
  rateDate: {
    effects: 'unapplied',
    outcome: (asked) =>
      refusal(asked, 429, { 'retry-after': new Date(asked.nowMs + 20_000).toUTCString() }),
  },
  rateBare: { effects: 'unapplied', outcome: (asked) => refusal(asked, 429) },
  rateAbsurd: {
    effects: 'unapplied',
    outcome: (asked) => refusal(asked, 429, { 'retry-after': '999999999' }),
  },
  status401: { effects: 'unapplied', outcome: (asked) => refusal(asked, 401) },
  status403: { effects: 'unapplied', outcome: (asked) => refusal(asked, 403) },
  status400: { effects: 'unapplied', outcome: (asked) => refusal(asked, 400) },
  bare400: { effects: 'unapplied', outcome: () => answer(400, '', {}) },
  status422: { effects: 'unapplied', outcome: (asked) => refusal(asked, 422) },
  html: { effects: 'both', outcome: () => page(200) },
  empty200: { effects: 'both', outcome: () => answer(200, '', {}) },
  truncated: {
    effects: 'applied',
    hits: isJson,
    outcome: (_, real) => changed(real, (text) => text.slice(0, text.length / 2)),
  },
  wrongTypes: {
    effects: 'applied',
    hits: isJson,
    outcome: (_, real) =>
      changed(real, (text) => (text === '' ? '[7]' : text.replace(/:"[^"]*"/g, ':7'))),
  },
  /** Of the service: the API server never shows what it does not store. */
  moreFields: {
    effects: 'applied',
    hits: (asked) => isJson(asked) && asked.side === 'service',
    outcome: (_, real) =>
      changed(real, (text) => JSON.stringify(withUnknownFields(jsonOf(text))) ?? ''),
  },
  fewerFields: {
    effects: 'applied',
    hits: isJson,
    outcome: (_, real) => changed(real, () => '{}'),
  },
  deep: {
    effects: 'applied',
    hits: isJson,
    outcome: (_, real) => changed(real, () => `${'{"kind":'.repeat(5_000)}1${'}'.repeat(5_000)}`),
  },
  huge: {
    effects: 'applied',
    hits: isRead,
    outcome: (_, served) => ({ kind: 'answer', served: { ...served, endless: true } }),
  },
  redirect: {
    effects: 'unapplied',
    outcome: () => answer(302, '', { location: 'http://elsewhere.test/login?next=1' }),
  },
  twice: {
    effects: 'applied',
    hits: isWrite,
    outcome: (_, served) => ({ kind: 'answer', served }),
  },
  stale: { effects: 'applied', hits: isRead, outcome: (_, served) => ({ kind: 'answer', served }) },
  /**
   * A proxy gives up, and the service carries it out a minute later. Only of a create: any other late
   * write is like one of a person, and is found and undone like that.
   */
  late: {
    effects: 'applied',
    hits: ({ operation }) => operation === 'POST jobs',
    outcome: () => failure('ECONNRESET', 20_000),
  },
  status409: { effects: 'unapplied', hits: isWrite, outcome: (asked) => refusal(asked, 409) },
  status404: { effects: 'unapplied', outcome: (asked) => refusal(asked, 404) },
  status410: {
    effects: 'unapplied',
    hits: ({ side, operation }) => side === 'kube' && /^(WATCH|LIST)/.test(operation),
    outcome: (asked) => refusal(asked, 410),
  },
  /** Foreign words in an error: the token, control characters, a megabyte. */
  echo: {
    effects: 'unapplied',
    outcome: (asked) =>
      answer(500, `Authorization: Bearer ${asked.token}\n\u0007\u001b[31m${'x'.repeat(2 ** 20)}`, {
        'content-type': 'text/plain',
      }),
  },
  /** The bulk read shows nothing at all, or a page of it with errors. */
  noRows: {
    effects: 'unapplied',
    hits: ({ operation }) => operation === 'GET query',
    outcome: () =>
      answer(200, '{"data":{"content":[],"totalItems":0,"totalPages":0}}', {
        'content-type': 'application/json',
        'x-opid': 'simulated',
      }),
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** When a late request takes effect: after what proxies hold it for. */
export const lateEffectMs = 70_000;

export type AnswerFault = keyof typeof kinds;

export const answerFaults = Object.keys(kinds) as readonly AnswerFault[];

const kindOf = (fault: AnswerFault): Kind => kinds[fault];

/** Whether the fault can hit this request, in the given variant. */
export function canHit(fault: AnswerFault, applied: boolean, asked: Asked): boolean {
  const { effects, hits } = kindOf(fault);
  if (effects !== 'both' && (effects === 'applied') !== applied) return false;
  // A read has no effect: its two variants would be the same plan twice.
  if (effects === 'both' && applied && !isWrite(asked)) return false;
  return hits?.(asked) ?? true;
}

export function outcomeOf(fault: AnswerFault, asked: Asked, real: Served): Outcome {
  return kindOf(fault).outcome(asked, real);
}
