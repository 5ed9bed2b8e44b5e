import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText, textsIn } from '../../src/control-service/untrusted-text.ts';

test.each([
  {
    name: 'control characters and line ends become blanks',
    why: 'a terminal or a log must not be steered by what a service sends',
    text: 'a\r\n\u001b[31mb\u0000\u202ec',
    want: 'a [31mb c',
  },
  {
    name: 'the headers of a Kubernetes answer are left out',
    why: 'they are long, change each time and can hold sensitive detail',
    text: 'KUBERNETES encountered an error: x\nresponse body: null\nresponse headers: {set-cookie=a}',
    want: 'KUBERNETES encountered an error: x response body: null',
  },
  {
    name: 'ids that are new each time are left out',
    why: 'the same trouble must not look like a new one on every try',
    text: "not a directory: 'job_fa5c2ae4-4b2b-4088-9066-41e1ca83d95e/job'",
    want: "not a directory: 'job_…/job'",
  },
  {
    name: 'a bearer header is removed, whoever it belongs to',
    why: 'the service may quote the request of somebody else',
    text: 'sent Authorization: Bearer abc.def-123456',
    want: 'sent Authorization: [removed]',
  },
  {
    name: 'anything shaped like a JWT is removed',
    why: 'no message needs one',
    text: 'token eyJhbGciOi.eyJzdWIiOi.c2ln is bad',
    want: 'token [removed] is bad',
  },
  {
    name: 'a form with a refresh token is removed',
    why: 'issuers quote what was posted',
    text: 'grant_type=refresh_token&refresh_token=abcdef&x=1',
    want: 'grant_type=refresh_token&[removed]&x=1',
  },
])('$name', ({ text, want, why }) => {
  expect(cleanText(text), why).toBe(want);
});

test('known secrets are removed as they are, in JSON, in addresses, and the longer first', () => {
  const secrets = ['pass', 'pass"word ü'];
  const text = `a ${secrets[1]} b ${JSON.stringify(secrets[1])} c ${encodeURIComponent('pass"word ü')}`;
  expect(cleanText(text, secrets)).toBe('a [removed] b "[removed]" c [removed]');
});

test('text is bounded and whole, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.string(), (text, secret) => {
      const clean = cleanText(text, [secret], 100);
      expect(clean.length).toBeLessThanOrEqual(100);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('every text at any depth of a secret body counts as a secret', () => {
  expect(textsIn({ a: 'one', b: [{ c: 'two' }, 3, null, true] })).toEqual(['one', 'two', '3']);
});
