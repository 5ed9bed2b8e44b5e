/**
 * The JSONPath of kubectl and CRDs, in the simple form that printer columns and selectable fields
 * use: names (dots escaped or in brackets), indexes, slices, wildcards, and filters that compare
 * one field with a literal. A missing key finds nothing.
 */

import { isObject, own } from './schema/json-value.ts';

type Step = (values: readonly unknown[]) => readonly unknown[];

export type JsonPath = (value: unknown) => readonly unknown[];

/** Undefined when the path is none that the server could read. */
export function parseJsonPath(path: string): JsonPath | undefined {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== '') {
    const matched = syntax.find(({ pattern }) => pattern.test(rest));
    const found = matched?.pattern.exec(rest);
    if (!matched || !found) return undefined;
    steps.push(matched.step(found));
    rest = rest.slice(found[0].length);
  }
  return (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value]);
}

const syntax: readonly {
  readonly pattern: RegExp;
  readonly step: (found: RegExpExecArray) => Step;
}[] = [
  { pattern: /^\.?\[\*\]|^\.\*/, step: () => (values) => values.flatMap(childrenOf) },
  { pattern: /^\.?\[(-?\d+)\]/, step: ([, index]) => atIndex(Number(index)) },
  {
    pattern: /^\.?\[(-?\d*):(-?\d*)\]/,
    step: ([, from, to]) => slice(from === '' ? 0 : Number(from), to ? Number(to) : undefined),
  },
  { pattern: /^\.?\[\?\(\s*@((?:\.|\[)[^()]*?)\s*\)\]/, step: ([, test]) => filter(test ?? '') },
  { pattern: /^\.?\['((?:\\.|[^'\\])*)'\]/, step: ([, name]) => atName(unescaped(name ?? '')) },
  { pattern: /^\.((?:\\.|[^.[\\])+)/, step: ([, name]) => atName(unescaped(name ?? '')) },
];

function unescaped(name: string): string {
  return name.replaceAll(/\\(.)/g, '$1');
}

function atName(name: string): Step {
  return (values) =>
    values.flatMap((value) => {
      const child = isObject(value) ? own(value, name) : undefined;
      return child === undefined ? [] : [child];
    });
}

function atIndex(index: number): Step {
  return (values) =>
    values.flatMap((value) => {
      const child: unknown = Array.isArray(value) ? value.at(index) : undefined;
      return child === undefined ? [] : [child];
    });
}

function slice(from: number, to: number | undefined): Step {
  return (values) => values.flatMap((value) => (Array.isArray(value) ? value.slice(from, to) : []));
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

/** Such as `.type=="Ready"`, or `.type` alone: the field is there. */
function filter(test: string): Step {
  const [, path = '', operator, literal = ''] = /^(.*?)\s*(?:(==|!=)\s*(.+))?$/.exec(test) ?? [];
  const field = parseJsonPath(path);
  const wanted = literalOf(literal);
  return (values) =>
    values.flatMap(childrenOf).filter((each) => {
      const found = field?.(each) ?? [];
      if (operator === undefined) return found.length > 0;
      return found.some((one) => (one === wanted) === (operator === '=='));
    });
}

function literalOf(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  if (quoted) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
