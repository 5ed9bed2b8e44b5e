/** Files that a `.gitignore` of the upload keeps out of the commit. */
import type { Files } from './zip.ts';

interface Rule {
  /** Matches a path below the upload's folder. */
  readonly pattern: RegExp;
  readonly foldersOnly: boolean;
  readonly negated: boolean;
}

/** The files that Git would add: the last rule that speaks of a path, or of a folder around it, wins. */
export function withoutIgnored(files: Files): Files {
  const rules = [...files]
    .filter(([name]) => name === '.gitignore' || name.endsWith('/.gitignore'))
    .sort(([a], [b]) => a.length - b.length)
    .flatMap(([name, bytes]) => rulesOf(name.slice(0, -'.gitignore'.length), bytes));
  if (rules.length === 0) return files;
  return new Map([...files].filter(([name]) => !isIgnored(name, rules)));
}

function isIgnored(name: string, rules: readonly Rule[]): boolean {
  const parts = name.split('/');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const path = parts.slice(0, depth).join('/');
    const isFolder = depth < parts.length;
    const rule = rules.findLast(
      ({ pattern, foldersOnly }) => (isFolder || !foldersOnly) && pattern.test(path),
    );
    // Nothing below an ignored folder can come back.
    if (rule !== undefined && !rule.negated) return true;
  }
  return false;
}

function rulesOf(folder: string, bytes: Uint8Array): readonly Rule[] {
  return new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const negated = line.startsWith('!');
      const text = line.slice(negated ? 1 : 0);
      const body = text.replace(/\/$/, '');
      // A slash at the start or inside ties the pattern to its own folder.
      const anywhere = body.includes('/') ? '' : '(?:.*/)?';
      const source = `^${escapeText(folder)}${anywhere}${globSource(body.replace(/^\//, ''))}$`;
      return { pattern: new RegExp(source), foldersOnly: text.endsWith('/'), negated };
    });
}

function globSource(glob: string): string {
  return glob.replace(/\*\*\/|\/\*\*$|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '/**') return '/.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
}

const escapeText = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
