import { describe, expect, test } from 'vitest';
import { parsePattern } from '../../../../src/sandbox/kube-api/schema/regex.ts';

function matches(pattern: string, text: string): boolean {
  const parsed = parsePattern(pattern);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  return parsed.matches(text);
}

describe('a pattern is read as RE2 reads it', () => {
  const cases = [
    { pattern: '^\\s$', text: '\u00a0', want: false, why: 'blanks are five ASCII characters' },
    { pattern: '^[^\\s]$', text: '\u00a0', want: true, why: 'also within a class' },
    { pattern: '^\\S$', text: '\u2003', want: true, why: 'and in the negation' },
    { pattern: '^\\s$', text: '\t', want: true, why: 'a tab is a blank' },
    { pattern: '^.$', text: '😀', want: true, why: 'a dot is a code point' },
    { pattern: '^[\\w\\-]+$', text: 'a-b', want: true, why: 'needless escapes are fine' },
    { pattern: '^a\\_b$', text: 'a_b', want: true, why: 'also where JavaScript dislikes them' },
    { pattern: '\\Aab\\z', text: 'ab', want: true, why: 'other anchors' },
    { pattern: '(?i)^AB$', text: 'ab', want: true, why: 'flags in front' },
    { pattern: '^[[:alpha:]]+$', text: 'abc', want: true, why: 'POSIX classes' },
    { pattern: '^[[:digit:]]+$', text: 'abc', want: false, why: 'POSIX classes' },
    { pattern: '^(?P<x>a)$', text: 'a', want: true, why: 'named groups' },
    { pattern: '\\[s\\]', text: '[s]', want: true, why: 'an escaped bracket opens no class' },
    { pattern: 'b', text: 'abc', want: true, why: 'patterns are not anchored' },
  ];
  test.each(cases)('$pattern on $text: $why', ({ pattern, text, want }) => {
    expect(matches(pattern, text)).toBe(want);
  });
});

describe('what RE2 does not have is refused', () => {
  const cases = [
    { pattern: '^(?!x)', says: 'invalid or unsupported Perl syntax: `(?!`' },
    { pattern: '(?<=x)y', says: 'invalid or unsupported Perl syntax: `(?<=`' },
    { pattern: '(a)\\1', says: 'invalid escape sequence: `\\1`' },
    { pattern: '[', says: 'error parsing regexp' },
    { pattern: '(', says: 'error parsing regexp' },
  ];
  test.each(cases)('$pattern', ({ pattern, says }) => {
    const parsed = parsePattern(pattern);
    expect(parsed.kind === 'refused' ? parsed.why : '').toContain(says);
  });
});
