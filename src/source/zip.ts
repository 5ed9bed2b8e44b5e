/**
 * The archive that is uploaded: one top folder with the job's name, as the service wants it, and for
 * equal files equal bytes on every machine.
 */
import { type Zippable, zipSync } from 'fflate';
import type { SourceFile } from './files.ts';

/** The zip format's first moment. Local time on purpose: the format holds local times. */
const fixedTime = new Date(1980, 0, 1);

/** An ordinary file, readable by all, in the upper half as zip keeps Unix modes. */
const fileMode = 0o100644 << 16;

/** Who wrote the archive: Unix, so that the mode is read as one on every machine. */
const unix = 3;

/** Takes sorted files with checked names. */
export function zipSource(jobName: string, files: readonly SourceFile[]): Uint8Array {
  const entries: Zippable = {};
  for (const { path, bytes } of files) {
    entries[`${jobName}/${path}`] = [
      bytes,
      { mtime: fixedTime, attrs: fileMode >>> 0, os: unix, level: 6 },
    ];
  }
  return zipSync(entries);
}
