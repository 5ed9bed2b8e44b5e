import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { digestOf, shortDigest } from '../../src/source/digest.ts';
import { checkedFiles, filesOfInline } from '../../src/source/files.ts';
import { zipSource } from '../../src/source/zip.ts';

const anyFiles = fc
  .uniqueArray(
    fc.record({
      path: fc.stringMatching(/^[a-z0-9_]{1,6}\.py$/),
      bytes: fc.uint8Array({ maxLength: 200 }),
    }),
    { minLength: 1, maxLength: 8, selector: ({ path }) => path },
  )
  .map((files) => checkedFiles('the test', files));

test('unzipping gives the same files below one folder with the name of the job', () => {
  fc.assert(
    fc.property(anyFiles, (files) => {
      const back = unzipSync(zipSource('ingest-orders', files));
      const want = files.map(({ path, bytes }) => [`ingest-orders/${path}`, bytes]);
      expect(Object.entries(back).map(([path, bytes]) => [path, new Uint8Array(bytes)])).toEqual(
        want,
      );
    }),
  );
});

test('the bytes of an archive never change: another time, machine or call gives the same', () => {
  const files = filesOfInline({
    '10_a.py': 'def run(job_input):\n    pass\n',
    'sql/20_b.sql': 'SELECT 1',
  });
  const zip = zipSource('ingest-orders', files);
  expect(createHash('sha256').update(zip).digest('hex')).toBe(
    'f7ca5442c58a0907ad9a9d26a6057c60d26468c85042f78665bd2706a5239c4b',
  );
});

test('digests are equal exactly when names and contents are', () => {
  fc.assert(
    fc.property(anyFiles, anyFiles, (a, b) => {
      const plain = (files: typeof a) =>
        files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('hex')]);
      const same = JSON.stringify(plain(a)) === JSON.stringify(plain(b));
      expect(digestOf(a) === digestOf(b)).toBe(same);
      expect(digestOf(structuredClone(a))).toBe(digestOf(a));
    }),
  );
});

test('bytes that move between a name and a content, or between files, change the digest', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const digests = [
    [{ path: 'ab', bytes: bytes('c') }],
    [{ path: 'a', bytes: bytes('bc') }],
    [
      { path: 'a', bytes: bytes('b') },
      { path: 'c', bytes: bytes('') },
    ],
    [
      { path: 'a', bytes: bytes('') },
      { path: 'c', bytes: bytes('b') },
    ],
  ].map(digestOf);
  expect(new Set(digests).size).toBe(digests.length);
});

test('a digest keeps its meaning over releases, or every job would be uploaded anew', () => {
  const digest = digestOf(filesOfInline({ '10_a.py': 'pass\n' }));
  expect(digest).toBe('sha256:943aa26fe58647a136173ad63fb4c44caf82eb530b210bd630f5b0b02dcffca3');
  expect(shortDigest(digest)).toBe('sha256:943aa26fe586');
});
