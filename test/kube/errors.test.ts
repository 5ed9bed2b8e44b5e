import { expect, test } from 'vitest';
import {
  dispositionOfStatus,
  errorOfAnswer,
  errorOfFailure,
  isConflict,
  isExpired,
  isNamespaceEnding,
  isNotFound,
} from '../../src/kube/errors.ts';

const url = 'https://api.example.com:6443';

test.each([
  { status: 302, want: 'transient', why: 'somebody in between answered; they may stop' },
  { status: 400, want: 'terminal', why: 'the same request would be refused again' },
  { status: 401, want: 'transient', why: 'tokens are rotated from outside' },
  { status: 403, want: 'transient', why: 'roles are granted from outside' },
  { status: 404, want: 'transient', why: 'kinds and namespaces are made from outside' },
  { status: 408, want: 'transient', why: 'the server was busy' },
  { status: 409, want: 'conflict', why: 'read anew, then try again' },
  { status: 410, want: 'transient', why: 'read anew from the start' },
  { status: 413, want: 'terminal', why: 'the object stays too large' },
  { status: 422, want: 'terminal', why: 'the object stays invalid' },
  { status: 429, want: 'transient', why: 'the server was busy' },
  { status: 500, want: 'transient', why: 'the server was ill' },
  { status: 504, want: 'transient', why: 'the server was slow' },
])('$status is $want', ({ status, want, why }) => {
  expect(dispositionOfStatus(status), why).toBe(want);
});

function answered(status: number, text: string, retryAfter?: string) {
  const answer = { status, contentType: 'application/json', retryAfter, text };
  return errorOfAnswer('list widgets.example.com', url, answer, Date.UTC(2026, 0, 1));
}

test.each([
  { header: '7', want: 7_000, why: 'seconds' },
  { header: 'Thu, 01 Jan 2026 00:00:09 GMT', want: 9_000, why: 'a date' },
  { header: 'Thu, 01 Jan 2015 00:00:00 GMT', want: undefined, why: 'a date that has passed' },
  { header: '0', want: undefined, why: 'no wish' },
  { header: 'soon', want: undefined, why: 'no number, no date' },
  { header: '99999999', want: 300_000, why: 'absurd wishes are cut' },
  { header: undefined, want: undefined, why: 'no header' },
])('Retry-After "$header" means $want ms', ({ header, want, why }) => {
  expect(answered(429, '', header).retryAfterMs, why).toBe(want);
});

test('the wish to stay away can also be in the body', () => {
  const body = { kind: 'Status', details: { retryAfterSeconds: 3 } };
  expect(answered(429, JSON.stringify(body)).retryAfterMs).toBe(3_000);
});

test('a refusal names the request, the status, the reason and what the server said', () => {
  const body = { kind: 'Status', reason: 'NotFound', message: 'widgets "x" not\n found' };
  const error = answered(404, JSON.stringify(body));
  expect(error.message).toBe(
    'The Kubernetes API server refused to list widgets.example.com (404 NotFound): widgets "x" not found',
  );
  expect(error.reason).toBe('NotFound');
});

test.each([
  { status: 401, reason: 'Unauthorized', advice: /service account still exists/ },
  { status: 403, reason: 'Forbidden', advice: /grant it to this account/ },
  { status: 404, reason: 'NotFound', advice: /\(404\)$/ },
  { status: 409, reason: 'Conflict', advice: /\(409\)$/ },
  { status: 410, reason: 'Expired', advice: /\(410\)$/ },
  { status: 418, reason: 'RequestRefused', advice: /\(418\)$/ },
  { status: 429, reason: 'TooManyRequests', advice: /\(429\)$/ },
  { status: 503, reason: 'ServerError', advice: /\(503\)$/ },
])('a bare $status gets the reason $reason', ({ status, reason, advice }) => {
  const error = answered(status, 'nothing of use');
  expect(error.reason).toBe(reason);
  expect(error.message).toMatch(advice);
});

test.each([
  {
    name: 'is being deleted',
    status: 403,
    body: {
      reason: 'Forbidden',
      message: 'events "x" is forbidden: namespace a is being terminated',
      details: { kind: 'events', causes: [{ reason: 'NamespaceTerminating' }] },
    },
  },
  {
    name: 'is gone',
    status: 404,
    body: {
      reason: 'NotFound',
      message: 'namespaces "a" not found',
      details: { kind: 'namespaces' },
    },
  },
])('a namespace that $name is no missing permission', ({ status, body }) => {
  const error = answered(status, JSON.stringify({ kind: 'Status', ...body }));
  expect(isNamespaceEnding(error)).toBe(true);
  expect(error.message).toContain(body.message);
  expect(error.message).not.toContain('permission');
});

test('another missing object says nothing of the namespace', () => {
  const details = { kind: 'widgets', causes: null };
  const body = { kind: 'Status', reason: 'NotFound', details };
  expect(isNamespaceEnding(answered(404, JSON.stringify(body)))).toBe(false);
  expect(isNamespaceEnding(answered(403, JSON.stringify(body)))).toBe(false);
});

test('a reason that is no word is not taken over', () => {
  const body = { kind: 'Status', reason: 'a "label" with { trouble' };
  expect(answered(500, JSON.stringify(body)).reason).toBe('ServerError');
});

test('long texts of the server are cut', () => {
  const body = { kind: 'Status', message: 'x'.repeat(1_000_000) };
  expect(answered(500, JSON.stringify(body)).message.length).toBeLessThan(1_200);
});

test.each([
  { code: 'ECONNREFUSED', want: /api\.example\.com:6443.*is the cluster running/ },
  { code: 'ENOTFOUND', want: /check the server address/ },
  { code: 'CERT_HAS_EXPIRED', want: /certificate has expired/ },
  { code: 'SELF_SIGNED_CERT_IN_CHAIN', want: /certificate-authority/ },
  { code: 'E_UNHEARD_OF', want: /the plain message/ },
])('a failed connection with $code says what to check', ({ code, want }) => {
  const cause = Object.assign(new Error('the plain message'), { code });
  expect(errorOfFailure('list widgets', url, cause).message).toMatch(want);
});

test('the cause is found inside several attempts and inside a wrapping error', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  const both = new AggregateError([refused, refused], '');
  expect(errorOfFailure('list', url, both).message).toContain('connection refused');
  const wrapped = new TypeError('fetch failed', { cause: refused });
  expect(errorOfFailure('list', url, wrapped).message).toContain('connection refused');
  expect(errorOfFailure('list', url, 'a word').message).toContain('a word');
});

test('statuses can be asked for by name', () => {
  expect(isNotFound(answered(404, ''))).toBe(true);
  expect(isConflict(answered(409, ''))).toBe(true);
  expect(isExpired(answered(410, ''))).toBe(true);
  expect(isNotFound(new Error('404'))).toBe(false);
});
