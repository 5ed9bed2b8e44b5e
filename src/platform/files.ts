/** Files as a dependency: what the command line and the sandbox need of them, and no more. */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Files {
  /** undefined = there is nothing of that name. */
  kindOf(path: string): Promise<'file' | 'folder' | undefined>;
  /** Names in the folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
  readText(path: string): Promise<string>;
  /** Whole or not at all: a reader never sees half of it. Makes missing folders. */
  writeText(path: string, text: string, mode: number): Promise<void>;
  makeFolder(path: string): Promise<void>;
}

/** Folders that the program makes hold tokens and state: nobody else's business. */
const folderMode = 0o700;

export const systemFiles: Files = {
  async kindOf(path) {
    try {
      return (await stat(path)).isDirectory() ? 'folder' : 'file';
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  list: async (folder) => (await readdir(folder)).sort(),
  readText: (path) => readFile(path, 'utf8'),
  async writeText(path, text, mode) {
    await systemFiles.makeFolder(dirname(path));
    const draft = `${path}.tmp`;
    await writeFile(draft, text, { mode });
    await rename(draft, path);
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: folderMode });
  },
};

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
