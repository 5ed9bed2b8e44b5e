/**
 * Patterns of schemas and CEL rules. The API server uses RE2, so what RE2 lacks is refused here
 * too, and the few spellings that only RE2 knows are rewritten for JavaScript.
 */

import { remembering } from '../../remembering.ts';

export type ParsedPattern =
  | { readonly kind: 'pattern'; readonly matches: (text: string) => boolean }
  | { readonly kind: 'refused'; readonly why: string };

/** Enough for the kinds of a sandbox. */
const knownPatternsMax = 500;

/**
 * Not a promise of RE2's linear time: schemas come from whoever may create CRDs in a sandbox. A
 * memo, not state: a schema's few patterns are asked for with every object.
 */
export const parsePattern: (pattern: string) => ParsedPattern = remembering(
  readPattern,
  knownPatternsMax,
);

function readPattern(pattern: string): ParsedPattern {
  const unsupported = unsupportedByRe2.find(({ syntax }) => syntax.test(pattern));
  if (unsupported) return { kind: 'refused', why: unsupported.why(pattern) };
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const body = rewritten(flags ? pattern.slice(flags[0].length) : pattern);
  try {
    const regExp = compiled(body, flags?.[1] ?? '');
    return { kind: 'pattern', matches: (text) => regExp.test(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', why: `error parsing regexp: ${why}` };
  }
}

/** By code points, as RE2 reads text; but that mode of JavaScript refuses needless escapes. */
function compiled(body: string, flags: string): RegExp {
  try {
    return new RegExp(body, `${flags}u`);
  } catch {
    return new RegExp(body, flags);
  }
}

const unsupportedByRe2: readonly {
  readonly syntax: RegExp;
  readonly why: (pattern: string) => string;
}[] = [
  {
    syntax: /\(\?<?[=!]/,
    why: (pattern) => {
      const found = /\(\?<?[=!]/.exec(pattern)?.[0] ?? '';
      return `error parsing regexp: invalid or unsupported Perl syntax: \`${found}\``;
    },
  },
  {
    syntax: /\\[1-9]/,
    why: (pattern) => {
      const found = /\\[1-9]/.exec(pattern)?.[0] ?? '';
      return `error parsing regexp: invalid escape sequence: \`${found}\``;
    },
  },
];

const posixClasses: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** RE2's blanks are five characters; JavaScript's include those of all scripts. */
const blanks = '\\t\\n\\f\\r ';

const outsideClass: Readonly<Record<string, string>> = {
  '\\s': `[${blanks}]`,
  '\\S': `[^${blanks}]`,
  '\\A': '^',
  '\\z': '$',
  '(?P<': '(?<',
};

function rewritten(pattern: string): string {
  let inClass = false;
  const tokens = pattern.matchAll(/\\[\s\S]|\[:\w+:\]|\(\?P<|[\s\S]/g);
  return [...tokens]
    .map(([token]) => {
      if (!inClass) {
        inClass = token === '[';
        return outsideClass[token] ?? token;
      }
      inClass = token !== ']';
      if (token === '\\s') return blanks;
      return posixClasses[token.slice(2, -2)] ?? token;
    })
    .join('');
}
