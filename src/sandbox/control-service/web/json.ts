/**
 * A JSON reader that keeps what the platform's parser drops and the service's answers show: where
 * each value stands, the text of numbers, and the parser's own words for what is wrong.
 */

export type JsonNode = { readonly at: number } & (
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
);

/** `message` is what the parser says, `at` the offset it has come to. */
export class JsonProblem extends Error {
  readonly kind: 'end' | 'token';
  readonly at: number;

  constructor(kind: 'end' | 'token', message: string, at: number) {
    super(message);
    this.name = 'JsonProblem';
    this.kind = kind;
    this.at = at;
  }
}

/** Deeper nesting is refused: each level costs a stack frame here. */
const depthMax = 500;

const valueNames = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  /** Names the place of an offset, in messages that speak of another one than their own. */
  readonly place: (at: number) => string;
}

/** The first value in `text`; what follows it is not looked at. Undefined when there is none. */
export function parseJson(text: string, place: (at: number) => string): JsonNode | undefined {
  const reader: Reader = { text, at: 0, depth: 0, place };
  skipBlanks(reader);
  return reader.at >= text.length ? undefined : readValue(reader, 'root');
}

/** The line and column of an offset, counted from 1. */
export function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line: ${line}, column: ${at - (before.lastIndexOf('\n') + 1) + 1}`;
}

/** The value as plain data; numbers as doubles. */
export function plainValue(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(([name, value]) => [name, plainValue(value)]));
    case 'array':
      return node.items.map(plainValue);
    case 'string':
      return node.text;
    case 'number':
      return Number(node.text);
    case 'boolean':
      return node.value;
    case 'null':
      return null;
    default:
      return node satisfies never;
  }
}

function readValue(reader: Reader, inside: string): JsonNode {
  const { text, at } = reader;
  const char = text[at];
  if (char === undefined) throw endWithin(reader, inside);
  if (char === '{') return nested(reader, readObject);
  if (char === '[') return nested(reader, readArray);
  if (char === '"') return { kind: 'string', at, text: readString(reader) };
  if (char === '-' || (char >= '0' && char <= '9')) return readNumber(reader);
  const word = /^[\p{L}\p{N}_$]*/u.exec(text.slice(at, at + 256))?.[0] ?? '';
  if (word === 'true' || word === 'false') {
    reader.at += word.length;
    return { kind: 'boolean', at, value: word === 'true' };
  }
  if (word === 'null') {
    reader.at += word.length;
    return { kind: 'null', at };
  }
  if (word !== '') {
    throw new JsonProblem(
      'token',
      `Unrecognized token '${word}': was expecting ${valueNames}`,
      at + word.length,
    );
  }
  throw unexpected(reader, `expected a valid value ${valueNames}`);
}

function nested(reader: Reader, read: (reader: Reader) => JsonNode): JsonNode {
  reader.depth += 1;
  if (reader.depth > depthMax) {
    throw new JsonProblem('token', `Document nesting depth exceeds ${depthMax}`, reader.at);
  }
  const node = read(reader);
  reader.depth -= 1;
  return node;
}

function readObject(reader: Reader): JsonNode {
  const start = reader.at;
  const members = new Map<string, JsonNode>();
  reader.at += 1;
  for (;;) {
    skipBlanks(reader);
    if (reader.at >= reader.text.length) throw unclosed(reader, 'Object', start);
    if (reader.text[reader.at] === '}' && members.size === 0) break;
    if (reader.text[reader.at] !== '"') {
      throw unexpected(reader, 'was expecting double-quote to start field name');
    }
    const name = readString(reader);
    skipBlanks(reader);
    if (reader.at >= reader.text.length) throw endWithin(reader, 'Object');
    if (reader.text[reader.at] !== ':') {
      throw unexpected(reader, 'was expecting a colon to separate field name and value');
    }
    reader.at += 1;
    skipBlanks(reader);
    const value = readValue(reader, 'Object');
    members.set(name, value); // of equal names the last one counts
    skipBlanks(reader);
    const next = reader.text[reader.at];
    if (next === undefined) throw unclosed(reader, 'Object', start);
    if (next === '}') break;
    if (next !== ',') throw unexpected(reader, 'was expecting comma to separate Object entries');
    reader.at += 1;
  }
  reader.at += 1;
  return { kind: 'object', at: start, members: [...members] };
}

function readArray(reader: Reader): JsonNode {
  const start = reader.at;
  const items: JsonNode[] = [];
  reader.at += 1;
  for (;;) {
    skipBlanks(reader);
    if (reader.at >= reader.text.length) throw unclosed(reader, 'Array', start);
    if (reader.text[reader.at] === ']' && items.length === 0) break;
    items.push(readValue(reader, 'Array'));
    skipBlanks(reader);
    const next = reader.text[reader.at];
    if (next === undefined) throw unclosed(reader, 'Array', start);
    if (next === ']') break;
    if (next !== ',') throw unexpected(reader, 'was expecting comma to separate Array entries');
    reader.at += 1;
  }
  reader.at += 1;
  return { kind: 'array', at: start, items };
}

function readString(reader: Reader): string {
  const { text, at } = reader;
  let end = at + 1;
  while (end < text.length && text[end] !== '"') {
    if (text.charCodeAt(end) < 0x20) {
      reader.at = end;
      throw unexpected(reader, 'has to be escaped using backslash to be included in string value');
    }
    end += text[end] === '\\' ? 2 : 1;
  }
  if (end >= text.length) {
    throw new JsonProblem(
      'end',
      'Unexpected end-of-input: was expecting closing quote for a string value',
      text.length,
    );
  }
  reader.at = end + 1;
  try {
    return JSON.parse(text.slice(at, end + 1)) as string;
  } catch {
    throw new JsonProblem('token', 'Unrecognized character escape in a string value', end);
  }
}

function readNumber(reader: Reader): JsonNode {
  const { at } = reader;
  const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  pattern.lastIndex = at;
  const text = pattern.exec(reader.text)?.[0];
  reader.at += text?.length ?? 1;
  const next = reader.text[reader.at];
  if (text === undefined || (next !== undefined && !/[\s,\]}]/.test(next))) {
    throw unexpected(reader, 'Expected space separating root-level values');
  }
  return { kind: 'number', at, text };
}

function skipBlanks(reader: Reader): void {
  while (/[ \t\r\n]/.test(reader.text[reader.at] ?? '')) reader.at += 1;
}

function endWithin(reader: Reader, inside: string): JsonProblem {
  const message = `Unexpected end-of-input within/between ${inside} entries`;
  return new JsonProblem('end', message, reader.text.length);
}

function unclosed(reader: Reader, what: string, start: number): JsonProblem {
  const marker = `start marker at ${reader.place(start)}`;
  const message = `Unexpected end-of-input: expected close marker for ${what} (${marker})`;
  return new JsonProblem('end', message, reader.text.length);
}

function unexpected(reader: Reader, expectation: string): JsonProblem {
  const char = reader.text[reader.at] ?? '';
  const code = char.codePointAt(0) ?? 0;
  const message = `Unexpected character ('${char}' (code ${code})): ${expectation}`;
  return new JsonProblem('token', message, reader.at + 1);
}
