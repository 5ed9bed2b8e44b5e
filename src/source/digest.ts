/**
 * The identity of a job's files: a digest over names and contents, not over zip bytes, so that a new
 * zip library uploads nothing anew.
 */
import { createHash } from 'node:crypto';
import type { SourceFile } from './files.ts';

/** `sha256:` and 64 hex digits; equal exactly when names and contents are. Takes sorted files. */
export function digestOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes } of files) {
    // Lengths first: without them, bytes could move between a name and a content unseen.
    hash
      .update(`${Buffer.byteLength(path)} ${bytes.byteLength}\n`)
      .update(path)
      .update(bytes);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Enough of a digest for a person to tell two apart. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
