/**
 * A job's files, from where the manifest says they are, checked before anything is sent: what the
 * service or git would drop, rename or choke on is refused here, with what to do. Pure.
 */
import { OperatorError } from '../platform/errors.ts';

export interface SourceFile {
  /** Relative to the job's folder, `/` between folders. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a ConfigMap holds, as the Kubernetes API gives it. */
export interface ConfigMapContent {
  readonly data?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** A job is a few scripts; more files than this are a mistake, like a packed-in environment. */
export const filesMax = 1000;

/** The service keeps a whole upload in memory, for all its clients at once. */
export const totalBytesMax = 20 * 1024 * 1024;

/** Git and most file systems take 255 bytes for one name; this leaves room for the folder above. */
const pathBytesMax = 250;

const encoder = new TextEncoder();

/** The files of `spec.source.inline`, sorted; throws `InvalidSource`. */
export function filesOfInline(files: Readonly<Record<string, string>>): readonly SourceFile[] {
  return checkedFiles(
    'spec.source.inline.files',
    Object.entries(files).map(([path, text]) => ({ path, bytes: encoder.encode(text) })),
  );
}

/** The files of a ConfigMap, text and binary, sorted; throws `InvalidSource`. */
export function filesOfConfigMap(name: string, content: ConfigMapContent): readonly SourceFile[] {
  const text = Object.entries(content.data ?? {}).map(([path, value]) => ({
    path,
    bytes: encoder.encode(value),
  }));
  const binary = Object.entries(content.binaryData ?? {}).map(([path, value]) => ({
    path,
    bytes: new Uint8Array(Buffer.from(value, 'base64')),
  }));
  return checkedFiles(`ConfigMap ${name}`, [...text, ...binary]);
}

/** The same files in the one order that digest and zip use; throws `InvalidSource`. */
export function checkedFiles(origin: string, files: readonly SourceFile[]): readonly SourceFile[] {
  const problem = listProblem(files);
  if (problem !== undefined) {
    throw new OperatorError(
      'terminal',
      'InvalidSource',
      `The files of ${origin} cannot be uploaded: ${problem}.`,
    );
  }
  return files.toSorted((a, b) => compare(a.path, b.path));
}

function listProblem(files: readonly SourceFile[]): string | undefined {
  if (files.length === 0) return 'there are none; add at least one step, like 10_load.py';
  if (files.length > filesMax) {
    return `there are ${files.length}, at most ${filesMax} are allowed; remove what the job does not need`;
  }
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (totalBytes > totalBytesMax) {
    return `they have ${totalBytes} bytes, at most ${totalBytesMax} are allowed; keep data outside of the job`;
  }
  for (const { path } of files) {
    const problem = pathProblem(path);
    if (problem !== undefined)
      return `the file name ${JSON.stringify(path.slice(0, 100))} ${problem}`;
  }
  return clashProblem(files.map(({ path }) => path));
}

/** What is wrong with one name, and what to do. */
function pathProblem(path: string): string | undefined {
  if (path === '') return 'is empty; give the file a name';
  if (encoder.encode(path).byteLength > pathBytesMax) {
    return `is longer than ${pathBytesMax} bytes; shorten it`;
  }
  if (hasControlCharacter(path)) return 'holds a control character; remove it';
  if (!path.isWellFormed()) return 'is no well-formed text; write it anew';
  if (path.includes('\\')) return 'holds a backslash; write "/" between folders';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) {
    return "is absolute; write it relative to the job's folder";
  }
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) {
    return 'has a part "." or ".."; write it relative to the job\'s folder, without them';
  }
  if (parts.includes(''))
    return 'has an empty part; write one "/" between folders, none at the end';
  if (parts.some((part) => part.toLowerCase() === '.git')) {
    return 'is inside a .git folder, which the service drops; remove it';
  }
  if (path.toLowerCase().endsWith('.keytab')) {
    return 'is a keytab, a credential that must not be kept with the code; remove it and set spec.config.generateKeytab';
  }
  return undefined;
}

function hasControlCharacter(path: string): boolean {
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** Two names that are one on some file system, or a name that is both a file and a folder. */
function clashProblem(paths: readonly string[]): string | undefined {
  const filesByKey = new Map<string, string>();
  const foldersByKey = new Map<string, string>();
  for (const path of paths) {
    const other = filesByKey.get(keyOf(path));
    if (other !== undefined) return clash(path, other);
    filesByKey.set(keyOf(path), path);
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      const spelled = foldersByKey.get(keyOf(folder)) ?? folder;
      if (spelled !== folder) return clash(folder, spelled);
      foldersByKey.set(keyOf(folder), folder);
    }
  }
  const both = paths.find((path) => foldersByKey.has(keyOf(path)));
  return both === undefined
    ? undefined
    : `${JSON.stringify(both)} is both a file and a folder; rename one of them`;
}

function clash(a: string, b: string): string {
  return a === b
    ? `the name ${JSON.stringify(a)} is there twice; remove one of them`
    : `the names ${[a, b]
        .toSorted(compare)
        .map((name) => JSON.stringify(name))
        .join(
          ' and ',
        )} differ only in case or spelling, which some file systems do not tell apart; rename one of them`;
}

function keyOf(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** By code units, never by locale: the order is part of the digest. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
