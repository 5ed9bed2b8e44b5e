import { Command } from 'commander';
import { expect, test } from 'vitest';
import {
  addOptions,
  choiceParser,
  durationParser,
  durationText,
  integerParser,
  parseHttpUrl,
  parseNamespaces,
  parseSwitch,
  readSettings,
} from '../../src/cli/settings.ts';

const table = {
  interval: {
    flag: '--interval <duration>',
    env: 'X_INTERVAL',
    about: 'How often.',
    fallback: '1m',
    parse: durationParser(1000, 60_000),
  },
  workers: {
    flag: '--workers <n>',
    env: 'X_WORKERS',
    about: 'How many.',
    fallback: '16',
    parse: integerParser(1, 100),
  },
  namespaces: {
    flag: '--namespace <name>',
    env: 'X_NAMESPACES',
    about: 'Where.',
    repeatable: true,
    parse: parseNamespaces,
  },
  once: { flag: '--once', about: 'Once.', fallback: 'false', parse: parseSwitch },
  color: { flag: '--no-color', about: 'Grey.', fallback: 'true', parse: parseSwitch },
} as const;

function settingsFor(args: readonly string[], env: Record<string, string> = {}) {
  const command = addOptions(new Command('x'), table).exitOverride();
  command.parse(args, { from: 'user' });
  return readSettings(table, command.opts(), env);
}

test('without flags and variables, the defaults hold', () => {
  expect(settingsFor([])).toEqual({ interval: 60_000, workers: 16, once: false, color: true });
});

test('a variable replaces the default and a flag replaces the variable', () => {
  const env = { X_INTERVAL: '30s', X_WORKERS: '2', X_NAMESPACES: 'sales, ops' };
  expect(settingsFor(['--workers', '3', '--once', '--no-color'], env)).toEqual({
    interval: 30_000,
    workers: 3,
    namespaces: ['sales', 'ops'],
    once: true,
    color: false,
  });
});

test('a flag given several times is a list', () => {
  const { namespaces } = settingsFor(['--namespace', 'a', '--namespace', 'b']);
  expect(namespaces).toEqual(['a', 'b']);
});

test('all wrong values are named at once, one line each, by what was typed', () => {
  const read = () => settingsFor(['--workers', 'many'], { X_INTERVAL: '2m', X_NAMESPACES: 'A' });
  expect(read).toThrow(
    [
      'X_INTERVAL must be from 1s to 1m.',
      '--workers must be a whole number from 1 to 100, not "many".',
      'X_NAMESPACES has "A", which is no namespace\'s name.',
    ].join('\n'),
  );
});

test.each([
  { parse: durationParser(0, 1000), text: 'soon', says: 'must be a duration like 500ms' },
  { parse: choiceParser(['text', 'json']), text: 'xml', says: 'must be one of text, json' },
  { parse: parseHttpUrl, text: 'ftp://service', says: 'must be a URL that starts with http://' },
  { parse: parseHttpUrl, text: 'http://me:word@service', says: 'must not hold a user name' },
  { parse: parseSwitch, text: 'yes', says: 'must be true or false' },
  { parse: integerParser(0, 65_535), text: '65536', says: 'must be a whole number from 0' },
])('"$text" is refused: $says', ({ parse, text, says }) => {
  expect(() => parse(text)).toThrow(says);
});

test('the help of an option names its default and its variable', () => {
  const help = addOptions(new Command('x'), table).helpInformation();
  expect(help.replaceAll(/\s+/g, ' ')).toContain('How often. (default: 1m, env: X_INTERVAL)');
});

test.each([
  [500, '500ms'],
  [0, '0s'],
  [30_000, '30s'],
  [90_000, '90s'],
  [300_000, '5m'],
  [3_600_000, '1h'],
])('%d ms reads as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
