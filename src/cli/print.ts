/** Text for people: tables, and colour only where a terminal shows it. */
import { styleText } from 'node:util';
import type { Output } from '../platform/process.ts';

type Style = 'good' | 'bad' | 'busy' | 'faint' | 'strong';

/** Paints, or leaves the text as it is where nobody watches. */
export type Paint = (style: Style, text: string) => string;

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

const colours = {
  good: 'green',
  bad: 'red',
  busy: 'yellow',
  faint: 'dim',
  strong: 'bold',
} as const satisfies Record<Style, string>;

/** Two blanks between columns, as kubectl prints them. */
const gap = '  ';

/** https://no-color.org: any value but an empty one turns colour off. */
export function paintFor(output: Output, env: Readonly<Record<string, string | undefined>>): Paint {
  const plain = !output.isTerminal || (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return (style, text) =>
    plain ? text : styleText(colours[style], text, { validateStream: false });
}

/** Lines with aligned columns; a line longer than `width` is cut, so that redrawing stays exact. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint,
  width?: number,
): readonly string[] {
  const all: readonly (readonly Cell[])[] = [
    header.map((text) => ({ text, style: 'faint' })),
    ...rows,
  ];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.text.length ?? 0)),
  );
  return all.map((row) => tableLine(row, widths, paint, width ?? Number.POSITIVE_INFINITY));
}

function tableLine(
  row: readonly Cell[],
  widths: readonly number[],
  paint: Paint,
  width: number,
): string {
  let line = '';
  let used = 0;
  for (const [column, { text, style }] of row.entries()) {
    const isLast = column === row.length - 1;
    const room = width - used;
    if (room <= 0) break;
    const shown = shorten(text, room);
    line += style === undefined ? shown : paint(style, shown);
    used += shown.length;
    if (isLast) break;
    const pad = ' '.repeat((widths[column] ?? 0) - text.length) + gap;
    line += pad;
    used += pad.length;
  }
  return line.trimEnd();
}

export function shorten(text: string, width: number): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').trim();
  if (oneLine.length <= width) return oneLine;
  return width <= 1 ? oneLine.slice(0, width) : `${oneLine.slice(0, width - 1)}…`;
}
