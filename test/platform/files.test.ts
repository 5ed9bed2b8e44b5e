import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemFiles as files } from '../../src/platform/files.ts';

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a text is written whole, for its owner only, in folders made on the way', async () => {
  const folder = aFolder();
  const path = join(folder, 'a/b/kubeconfig');
  await files.writeText(path, 'first', 0o600);
  await files.writeText(path, 'second', 0o600);
  expect(await files.readText(path)).toBe('second');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, 'a/b')), 'no draft stays behind').toEqual(['kubeconfig']);
});

test('an existing file that others could read is replaced by one that they cannot', async () => {
  const path = join(aFolder(), 'kubeconfig');
  await files.writeText(path, 'open', 0o644);
  await files.writeText(path, 'closed', 0o600);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what is not there is told apart from files and folders', async () => {
  const folder = aFolder();
  await files.writeText(join(folder, 'b.yaml'), '', 0o600);
  await files.writeText(join(folder, 'a.yaml'), '', 0o600);
  expect(await files.kindOf(folder)).toBe('folder');
  expect(await files.kindOf(join(folder, 'a.yaml'))).toBe('file');
  expect(await files.kindOf(join(folder, 'gone'))).toBeUndefined();
  expect(await files.kindOf(join(folder, 'a.yaml/inside-a-file'))).toBeUndefined();
  expect(await files.list(folder)).toEqual(['a.yaml', 'b.yaml']);
});
