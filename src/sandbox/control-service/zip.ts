/** Uploaded zips: what is taken from them, and how they are kept and handed out. */
import { createHash } from 'node:crypto';
import { unzipSync, type Zippable, zipSync } from 'fflate';

export type Files = ReadonlyMap<string, Uint8Array>;

/** Unpacked bytes of one upload: a zip bomb ends here and not in the memory of the process. */
const unpackedMaxBytes = 512 * 1024 * 1024;
/** Entries of one upload; a real job has hundreds at most. */
const entriesMax = 20_000;

export type Unpacked =
  /** No zip, an unsafe name, or too much of it. */
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'empty' }
  /** At the top is a file where a folder is due. */
  | { readonly kind: 'flat'; readonly top: string }
  /** The files below the top folder, by their names in it. */
  | { readonly kind: 'files'; readonly files: Files };

/**
 * The content of a zip's top folder. Of several the first by name is taken and the rest dropped,
 * as the real service takes one without a word.
 */
export function unpack(zip: Uint8Array): Unpacked {
  let entries: Record<string, Uint8Array>;
  try {
    let size = 0;
    let count = 0;
    entries = unzipSync(zip, {
      filter(entry) {
        size += entry.originalSize;
        count += 1;
        if (size > unpackedMaxBytes || count > entriesMax) throw new Error('the zip is too large');
        return true;
      },
    });
  } catch {
    return { kind: 'corrupt' };
  }
  const names = Object.keys(entries).sort();
  if (names.some(isUnsafe)) return { kind: 'corrupt' };
  if (names.length === 0) return { kind: 'empty' };
  const top = names.find((name) => name.includes('/'))?.split('/')[0];
  if (top === undefined) return { kind: 'flat', top: names.at(-1) ?? '' };
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    const bytes = entries[name];
    if (name.startsWith(`${top}/`) && !name.endsWith('/') && bytes !== undefined) {
      files.set(name.slice(top.length + 1), bytes);
    }
  }
  return { kind: 'files', files };
}

function isUnsafe(name: string): boolean {
  return name.startsWith('/') || name.includes('\\') || name.split('/').includes('..');
}

/** Equal for equal names and bytes; empty when there are no files. */
export function digestOf(files: Files): string {
  if (files.size === 0) return '';
  const hash = createHash('sha1');
  for (const [name, bytes] of [...files].sort(byName)) {
    hash.update(`${Buffer.byteLength(name)}:${name}:${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex');
}

/** A zip with the one top folder `folder`, with entries for folders, the same for equal files. */
export function pack(folder: string, files: Files): Uint8Array {
  const entries: Zippable = { [`${folder}/`]: new Uint8Array() };
  for (const [name, bytes] of [...files].sort(byName)) {
    const path = `${folder}/${name}`;
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      entries[path.slice(0, at + 1)] ??= new Uint8Array();
    }
    entries[path] = bytes;
  }
  // The first moment that a zip can hold, in local time as the format wants it.
  return zipSync(entries, { mtime: new Date(1980, 0, 1) });
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
