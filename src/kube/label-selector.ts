/**
 * Label selectors: read as the API server reads them and refused in its words, written in one way
 * for all that mean the same, and applied to labels. Pure.
 */
import { labelValueProblems, qualifiedNameProblems } from './label-syntax.ts';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt';
  /** In order, each once. */
  readonly values: readonly string[];
}

/** Its message is the API server's. */
export class LabelSelectorError extends Error {}

/** No requirement selects everything. Throws a `LabelSelectorError`. */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  const tokens = createTokens(text);
  const requirements: LabelRequirement[] = [];
  if (tokens.next === '') return requirements;
  if (!isWord(tokens.next) && tokens.next !== '!') {
    throw unexpected(tokens.next, `, expected: !, identifier, or 'end of string'`);
  }
  for (;;) {
    requirements.push(requirement(tokens));
    const end = tokens.take();
    if (end === '') return requirements;
    if (end !== ',') throw unexpected(end, `, expected: ',' or 'end of string'`);
    if (!isWord(tokens.next) && tokens.next !== '!') {
      throw unexpected(tokens.next, `, expected: identifier after ','`);
    }
  }
}

/** The same text for selectors that differ in spaces, order and ways to say a thing only. */
export function labelSelectorText(requirements: readonly LabelRequirement[]): string {
  return [...new Set(requirements.map(textOf))].sort().join(',');
}

export function selectsLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every((each) => holds(each, labels?.[each.key]));
}

function textOf({ key, operator, values }: LabelRequirement): string {
  const [value = ''] = values;
  const isOne = values.length === 1;
  switch (operator) {
    case 'exists':
      return key;
    case 'absent':
      return `!${key}`;
    case 'in':
      return isOne ? `${key}=${value}` : `${key} in (${values.join(',')})`;
    case 'notin':
      return isOne ? `${key}!=${value}` : `${key} notin (${values.join(',')})`;
    case 'gt':
      return `${key}>${value}`;
    case 'lt':
      return `${key}<${value}`;
  }
}

function holds({ operator, values }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

interface Tokens {
  /** '' = the end. */
  readonly next: string;
  take(): string;
}

function createTokens(text: string): Tokens {
  const all = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  let at = 0;
  return {
    get next() {
      return all[at] ?? '';
    },
    take() {
      at += 1;
      return all[at - 1] ?? '';
    },
  };
}

const isWord = (token: string) => /^[^\s=!<>(),]/.test(token);

const operators: Readonly<Record<string, 'in' | 'notin' | 'gt' | 'lt'>> = {
  '=': 'in',
  '==': 'in',
  in: 'in',
  '!=': 'notin',
  notin: 'notin',
  '>': 'gt',
  '<': 'lt',
};

function requirement(tokens: Tokens): LabelRequirement {
  const isNegated = tokens.next === '!';
  if (isNegated) tokens.take();
  const key = wordOf(tokens);
  const wrongKey = qualifiedNameProblems(key);
  if (wrongKey.length > 0) {
    throw invalid(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrongKey.join('; ')}`);
  }
  if (isNegated) return { key, operator: 'absent', values: [] };
  if (tokens.next === '' || tokens.next === ',') return { key, operator: 'exists', values: [] };
  const sign = tokens.take();
  const operator = Object.hasOwn(operators, sign) ? operators[sign] : undefined;
  if (operator === undefined) {
    throw invalid(`found '${sign}', expected: in, notin, =, ==, !=, gt, lt`);
  }
  const values = isWord(sign) ? valueSet(tokens) : [oneValue(tokens)];
  checkValues(key, operator, values);
  return { key, operator, values };
}

function wordOf(tokens: Tokens): string {
  const token = tokens.take();
  if (!isWord(token)) throw invalid(`found '${token}', expected: identifier`);
  return token;
}

function oneValue(tokens: Tokens): string {
  return tokens.next === '' || tokens.next === ',' ? '' : wordOf(tokens);
}

/** Between parentheses, where nothing between two commas is the empty value. */
function valueSet(tokens: Tokens): readonly string[] {
  const open = tokens.take();
  if (open !== '(') throw invalid(`found '${open}' expected: '('`);
  const values = new Set<string>();
  if (!isWord(tokens.next) && tokens.next !== ',' && tokens.next !== ')') {
    throw invalid(`found '${tokens.next}', expected: ',', ')' or identifier`);
  }
  for (;;) {
    const isEmpty = tokens.next === ',' || tokens.next === ')';
    if (!isEmpty && !isWord(tokens.next)) {
      throw invalid(`found '${tokens.next}', expected: ',', or identifier`);
    }
    values.add(isEmpty ? '' : tokens.take());
    const end = tokens.take();
    if (end === ')') return [...values].sort();
    if (end !== ',') throw invalid(`found '${end}', expected: ',' or ')'`);
  }
}

const integerMax = 2n ** 63n - 1n;

function checkValues(key: string, operator: string, values: readonly string[]): void {
  const [value = ''] = values;
  const isCompared = operator === 'gt' || operator === 'lt';
  const isInteger = /^[-+]?\d+$/.test(value) && BigInt(value.replace('+', '')) <= integerMax;
  if (isCompared && !isInteger) {
    const why = "for 'Gt', 'Lt' operators, the value must be an integer";
    throw invalid(`values[0]: Invalid value: ${JSON.stringify(value)}: ${why}`);
  }
  const problems = values.flatMap((each, index) =>
    labelValueProblems(each).map(
      (why) => `values[${index}][${key}]: Invalid value: ${JSON.stringify(each)}: ${why}`,
    ),
  );
  if (problems.length === 0) return;
  throw invalid(problems.length === 1 ? problems.join() : `[${problems.join(', ')}]`);
}

function unexpected(token: string, expected: string): LabelSelectorError {
  return new LabelSelectorError(`found '${token}'${expected}`);
}

function invalid(why: string): LabelSelectorError {
  return new LabelSelectorError(`unable to parse requirement: ${why}`);
}
