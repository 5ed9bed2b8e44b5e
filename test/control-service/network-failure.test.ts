import { expect, test } from 'vitest';
import { describeNetworkFailure } from '../../src/control-service/network-failure.ts';
import { DeadlineError } from '../../src/platform/clock.ts';

const coded = (code: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { code });

test.each([
  ['a code of its own', coded('ECONNREFUSED'), 'connection refused'],
  [
    'the code of its cause',
    new Error('fetch failed', { cause: coded('ENOTFOUND') }),
    'the host name is unknown',
  ],
  [
    'the first of several addresses',
    new AggregateError([coded('ETIMEDOUT')]),
    'the connection timed out',
  ],
  ['a certificate', coded('CERT_HAS_EXPIRED'), 'its certificate has expired'],
  ['any TLS trouble', coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'TLS does not work there'],
  ['a deadline', new DeadlineError('info', 5_000), 'info took longer than 5 s'],
  ['words alone, cleaned', new Error('odd\r\nthing'), 'odd thing'],
  ['a name that only looks like a code', coded('toString'), 'x'],
  ['something that is no error', 'odd', 'odd'],
])('%s tells why', (_, error, want) => {
  expect(describeNetworkFailure(error).why).toBe(want);
});

test('a cause that is its own cause ends somewhere', () => {
  const error = new Error('round');
  error.cause = error;
  expect(describeNetworkFailure(error).why).toBe('round');
});
