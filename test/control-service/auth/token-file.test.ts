import { expect, test } from 'vitest';
import { bearerAuth } from '../../../src/control-service/auth/bearer.ts';
import { tokenFileAuth } from '../../../src/control-service/auth/token-file.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const signal = new AbortController().signal;

function aTokenFile(content: string) {
  const file = { content, reads: 0 };
  const clock = createManualClock();
  const auth = tokenFileAuth({
    path: '/var/token',
    clock,
    readFile: async () => {
      file.reads += 1;
      if (file.content === 'gone') throw new Error('no such file');
      return file.content;
    },
  });
  return { auth, clock, file };
}

test('a rotated file is noticed within a minute, and not read for every call', async () => {
  const { auth, clock, file } = aTokenFile('first-token\n');
  expect(await auth.token(signal)).toBe('first-token');
  file.content = 'second-token';
  expect(await auth.token(signal)).toBe('first-token');
  expect(file.reads).toBe(1);
  await clock.advance(60_000);
  expect(await auth.token(signal)).toBe('second-token');
});

test('a refused token makes the file be read at once; the same token again is no renewal', async () => {
  const { auth, file } = aTokenFile('first-token');
  await auth.token(signal);
  expect(await auth.renew('first-token', signal)).toBeUndefined();
  file.content = 'second-token';
  expect(await auth.renew('first-token', signal)).toBe('second-token');
  expect(auth.secrets()).toEqual(['second-token', 'first-token']);
});

test.each([
  ['gone', 'transient', /cannot be read: no such file/],
  [' \n', 'terminal', /is empty/],
  ['two words', 'terminal', /no token has/],
] as const)('a file with %j is a readable error', async (content, disposition, message) => {
  const { auth } = aTokenFile(content);
  await expect(auth.token(signal)).rejects.toMatchObject({
    disposition,
    reason: 'AuthenticationFailed',
    message: expect.stringMatching(message),
  });
});

test('a file that is gone for a moment does not end a token that works', async () => {
  const { auth, clock, file } = aTokenFile('first-token');
  await auth.token(signal);
  file.content = 'gone';
  await clock.advance(50_000);
  expect(await auth.token(signal)).toBe('first-token');
});

test('a static token is trimmed, cannot be renewed and is known as a secret', async () => {
  const auth = bearerAuth(' a-token\n');
  expect(await auth.token(signal)).toBe('a-token');
  expect(await auth.renew('a-token', signal)).toBeUndefined();
  expect(auth.secrets()).toEqual(['a-token']);
  expect(() => bearerAuth('a\nb')).toThrow(/no token has/);
});
