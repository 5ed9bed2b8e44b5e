import { expect, test } from 'vitest';
import { paintFor, shorten, tableLines } from '../../src/cli/print.ts';

const plain = (_: unknown, text: string) => text;
const header = ['NAME', 'READY', 'MESSAGE'];
const rows = [
  [{ text: 'orders' }, { text: 'True' }, { text: 'all is well' }],
  [{ text: 'a-long-name' }, { text: 'False' }, { text: 'two\nlines' }],
];

test('columns are aligned and each row is one line', () => {
  expect(tableLines(header, rows, plain)).toEqual([
    'NAME         READY  MESSAGE',
    'orders       True   all is well',
    'a-long-name  False  two lines',
  ]);
});

test('no line is wider than the terminal, or redrawing would go wrong', () => {
  const lines = tableLines(header, rows, plain, 22);
  expect(lines).toEqual([
    'NAME         READY  M…',
    'orders       True   a…',
    'a-long-name  False  t…',
  ]);
});

test.each([
  { name: 'a terminal', isTerminal: true, env: {}, coloured: true },
  { name: 'a pipe', isTerminal: false, env: {}, coloured: false },
  {
    name: 'a terminal of someone who wants none',
    isTerminal: true,
    env: { NO_COLOR: '1' },
    coloured: false,
  },
])('colour on $name: $coloured', ({ isTerminal, env, coloured }) => {
  const output = { write: () => {}, isTerminal, columns: 80 };
  expect(paintFor(output, env)('good', 'x') !== 'x').toBe(coloured);
});

test('a text that fits stays whole', () => {
  expect(shorten('exact', 5)).toBe('exact');
});
