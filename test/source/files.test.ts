import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkedFiles,
  filesMax,
  filesOfConfigMap,
  filesOfInline,
  type SourceFile,
  totalBytesMax,
} from '../../src/source/files.ts';

const file = (path: string, size = 1): SourceFile => ({ path, bytes: new Uint8Array(size) });
const named = (...paths: string[]) => paths.map((path) => file(path));

/** The message with which a list is refused; fails the test when it is not. */
function refusalOf(files: readonly SourceFile[]): string {
  try {
    checkedFiles('the test', files);
  } catch (error) {
    expect(error).toMatchObject({ reason: 'InvalidSource', disposition: 'terminal' });
    return (error as Error).message;
  }
  throw new Error('the files were taken');
}

describe('a list of files is refused with what to do', () => {
  test.each([
    ['no file at all', [], 'add at least one step', 'the service answers 500 to an empty zip'],
    ['".." as a folder', named('../x.py'), 'without them', 'it leaves the folder: 503'],
    ['".." in the middle', named('a/../x.py'), 'without them', 'two names for one file'],
    ['".." at the end', named('a/..'), 'without them', 'it names a folder'],
    ['"." as a part', named('./x.py'), 'without them', 'two names for one file'],
    ['an absolute name', named('/etc/x'), 'is absolute', 'it leaves the folder'],
    ['a drive letter', named('C:/x.py'), 'is absolute', 'absolute on Windows'],
    ['a backslash', named('a\\x.py'), 'backslash', 'a folder on Windows, a name elsewhere'],
    ['a NUL', named('a\u0000.py'), 'control character', 'it cuts the name in C programs'],
    ['a line end', named('a\n.py'), 'control character', 'it breaks lists of names'],
    ['half a surrogate pair', named('a\ud800.py'), 'well-formed', 'it has no UTF-8 form'],
    ['an empty name', named(''), 'give the file a name', 'there is nothing to write'],
    ['an empty part', named('a//b.py'), 'one "/" between folders', 'two names for one file'],
    ['a folder', named('a/'), 'none at the end', 'git has no empty folders'],
    ['a long name', named('a'.repeat(251)), 'shorten it', 'file systems take 255 bytes'],
    ['a long name in bytes', named('é'.repeat(126)), 'shorten it', 'the limit is in bytes'],
    ['a .git folder', named('sub/.git/config'), '.git', 'the service drops it silently'],
    ['a .GIT folder', named('.GIT/config'), '.git', 'case does not matter everywhere'],
    ['a keytab', named('sub/jane.KEYTAB'), 'keytab', 'a credential in the repository'],
    ['a case clash', named('A.py', 'a.py'), '"A.py" and "a.py" differ only', 'one overwrites one'],
    ['a case clash of folders', named('S/a.py', 's/b.py'), 'differ only', 'the folders merge'],
    ['a spelling clash', named('e\u0301.py', '\u00e9.py'), 'differ only', 'one name on macOS'],
    ['a name twice', named('a.py', 'a.py'), 'is there twice', 'the last one would win'],
    ['a file that is a folder', named('a', 'a/b.py'), 'both a file and a folder', 'cannot unzip'],
    [
      'too many files',
      Array.from({ length: filesMax + 1 }, (_, i) => file(`f${i}.py`)),
      `at most ${filesMax}`,
      'D3: 10k files',
    ],
    ['too many bytes', [file('a', totalBytesMax + 1)], `at most ${totalBytesMax}`, 'D3: 100 MB'],
  ])('%s', (_, files, advice, why) => {
    expect(refusalOf(files), why).toContain(advice);
  });
});

test('the origin is named in a refusal', () => {
  expect(() => filesOfConfigMap('orders', {})).toThrow('The files of ConfigMap orders cannot');
  expect(() => filesOfInline({ '../x': '' })).toThrow('The files of spec.source.inline.files');
});

test('a list at its limits is taken', () => {
  expect(checkedFiles('t', [file('a', totalBytesMax)])).toHaveLength(1);
  const many = Array.from({ length: filesMax }, (_, i) => file(`f${i}.py`));
  expect(checkedFiles('t', many)).toHaveLength(filesMax);
});

test('names that only look dangerous are taken', () => {
  const names = [
    '.gitignore',
    '...',
    '..a/b',
    'a.keytab.md',
    'keytab',
    'ünï/cöde 1.sql',
    '__proto__',
  ];
  expect(checkedFiles('t', named(...names)).map(({ path }) => path)).toEqual(names.toSorted());
});

test('text and binary keys of a ConfigMap become files in one order', () => {
  const files = filesOfConfigMap('orders', {
    data: { '20_b.sql': 'SELECT 1', '10_a.py': 'é' },
    binaryData: { '15_c.bin': Buffer.from([0, 255]).toString('base64') },
  });
  expect(files).toEqual([
    { path: '10_a.py', bytes: new Uint8Array([0xc3, 0xa9]) },
    { path: '15_c.bin', bytes: new Uint8Array([0, 255]) },
    { path: '20_b.sql', bytes: new TextEncoder().encode('SELECT 1') },
  ]);
});

test('the order of the keys never matters', () => {
  const text = fc.dictionary(fc.stringMatching(/^[a-z0-9_]{1,8}\.py$/), fc.string(), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(text, (files) => {
      const reversed = Object.fromEntries(Object.entries(files).toReversed());
      expect(filesOfInline(reversed)).toEqual(filesOfInline(files));
    }),
  );
});
