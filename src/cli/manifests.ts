/**
 * Manifests as people keep them: files and folders of YAML or JSON, several documents to a file,
 * read as kubectl reads them (YAML 1.1, except that dates stay text). Whatever is wrong is said
 * with the file and the document's number.
 */
import { join } from 'node:path';
import { loadAll, Schema, timestampTag, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import { messageOf } from '../platform/errors.ts';
import type { Files } from '../platform/files.ts';
import { UsageError } from './usage-error.ts';

/** A Kubernetes object as written; its spec is not looked at here. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface LoadedManifest {
  readonly manifest: Manifest;
  /** Where it stands, for messages: the file, and the document's number when there are several. */
  readonly where: string;
}

/** More than this in one file is no manifest, but something taken for one by mistake. */
const documentsMax = 1_000;

const schema = new Schema(YAML11_SCHEMA.tags.filter((tag) => tag !== timestampTag));

/** The manifests of one file, or of all `.yaml`, `.yml` and `.json` files in a folder, by name. */
export async function loadManifests(
  files: Files,
  path: string,
): Promise<readonly LoadedManifest[]> {
  const kind = await files.kindOf(path);
  if (kind === undefined) throw new UsageError(`${path}: there is no such file or folder.`);
  const names = kind === 'file' ? [path] : await manifestFilesIn(files, path);
  const loaded: LoadedManifest[] = [];
  for (const name of names) loaded.push(...parseManifests(await read(files, name), name));
  if (loaded.length === 0) {
    throw new UsageError(`${path} holds no manifest: expected .yaml, .yml or .json files.`);
  }
  return loaded;
}

/** `name` is only for messages. */
export function parseManifests(text: string, name: string): readonly LoadedManifest[] {
  const documents = parseDocuments(text, name);
  if (documents.length > documentsMax) {
    throw new UsageError(`${name} has more than ${documentsMax} documents: split the file.`);
  }
  return documents.flatMap((document, index) => {
    const where = documents.length === 1 ? name : `${name}, document ${index + 1}`;
    // An empty document is what a comment or a last `---` leaves behind.
    return document === null ? [] : objectsOf(document, where);
  });
}

async function manifestFilesIn(files: Files, folder: string): Promise<readonly string[]> {
  const names = (await files.list(folder)).filter((name) => /\.(ya?ml|json)$/.test(name));
  return names.map((name) => join(folder, name));
}

async function read(files: Files, path: string): Promise<string> {
  try {
    return await files.readText(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

function parseDocuments(text: string, name: string): readonly unknown[] {
  try {
    return loadAll(text, { schema });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark?.line ?? 0;
    const before = text.split('\n').slice(0, line);
    const number = before.filter((each, index) => index > 0 && /^---(\s|$)/.test(each)).length + 1;
    throw new UsageError(
      `${name}, document ${number}: this is no YAML: ${error.reason} (line ${line + 1}).`,
    );
  }
}

function objectsOf(document: unknown, where: string): readonly LoadedManifest[] {
  if (isRecord(document) && document.kind === 'List' && Array.isArray(document.items)) {
    return document.items.flatMap((item, index) => objectsOf(item, `${where}, item ${index + 1}`));
  }
  const problem = problemOf(document);
  if (problem !== undefined) throw new UsageError(`${where}: ${problem}`);
  return [{ manifest: document as Manifest, where }];
}

function problemOf(document: unknown): string | undefined {
  if (!isRecord(document)) return 'a manifest is a mapping with apiVersion, kind and metadata.';
  for (const field of ['apiVersion', 'kind']) {
    if (!isText(document[field])) return `${field} is missing: every manifest starts with it.`;
  }
  const metadata = document.metadata;
  if (!isRecord(metadata) || !isText(metadata.name)) return 'metadata.name is missing.';
  const namespace = metadata.namespace;
  if (namespace !== undefined && !isText(namespace)) return 'metadata.namespace must be text.';
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
