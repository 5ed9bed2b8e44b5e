/**
 * Turns a JSON body into the values an operation works on, the way the service's framework does:
 * text becomes a number or a truth value where that can be, unknown fields are dropped, and what
 * cannot be is refused with 400 in the framework's words.
 */
import { bodyProblem, type ServiceFailure } from './failures.ts';
import { type JsonNode, JsonProblem, lineAndColumn, parseJson, plainValue } from './json.ts';

export type Shape =
  | { readonly kind: 'text' | 'flag' | 'int' | 'float' | 'texts' | 'map' | 'mode' }
  | {
      readonly kind: 'record';
      readonly name: string;
      readonly fields: Readonly<Record<string, Shape>>;
    };

const models = 'com.vmware.taurus.controlplane.model.data';
const source = '[Source: (org.springframework.util.StreamUtils$NonClosingInputStream); ';
const mapClass = 'java.util.LinkedHashMap<java.lang.String,java.lang.Object>';

const javaClass = {
  text: 'java.lang.String',
  flag: 'java.lang.Boolean',
  int: 'java.lang.Integer',
  float: 'java.lang.Float',
  texts: 'java.util.ArrayList<java.lang.String>',
  map: mapClass,
  mode: `${models}.DataJobMode`,
} as const;

/** Which token a value starts with, by the names of the framework's parser. */
const tokens: Readonly<Record<JsonNode['kind'], readonly [string, string]>> = {
  object: ['Object value', 'START_OBJECT'],
  array: ['Array value', 'START_ARRAY'],
  string: ['String value', 'VALUE_STRING'],
  number: ['Number value', 'VALUE_NUMBER_INT'],
  boolean: ['Boolean value', 'VALUE_TRUE'],
  null: ['Null value', 'VALUE_NULL'],
};

interface Place {
  readonly text: string;
  /** From the body's root, as the framework prints it. */
  readonly chain: readonly string[];
}

/** The body as values of `shape`; undefined when there is none, null when it is a JSON null. */
export function bindBody(text: string, shape: Shape): unknown {
  const node = readBody(text);
  return node === undefined ? undefined : bind(node, shape, { text, chain: [] });
}

/** A body that is a free JSON object, as it was written. */
export function readMapBody({ json }: { readonly json: JsonNode | undefined }) {
  if (json?.kind === 'object') return json;
  throw mismatch(json ?? { kind: 'null', at: 0 }, mapClass, { text: '', chain: [] });
}

/** The body as it stands; for the operations that keep numbers as they were written. */
export function readBody(text: string): JsonNode | undefined {
  try {
    return parseJson(text, (at) => `${source}${lineAndColumn(text, at)}]`);
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    const kind = error.kind === 'end' ? 'io.JsonEOFException' : 'JsonParseException';
    throw refusal(`com.fasterxml.jackson.core.${kind}`, error.message, error.at, {
      text,
      chain: [],
    });
  }
}

function bind(node: JsonNode, shape: Shape, place: Place): unknown {
  if (node.kind === 'null') return null;
  switch (shape.kind) {
    case 'record':
      return bindRecord(node, shape, place);
    case 'map':
      if (node.kind !== 'object') throw mismatch(node, mapClass, place);
      return plainValue(node);
    case 'texts':
      if (node.kind !== 'array') throw mismatch(node, javaClass.texts, place);
      return node.items.map((item, index) =>
        bind(item, { kind: 'text' }, below(place, `java.util.ArrayList[${index}]`)),
      );
    default:
      return bindScalar(node, shape.kind, place);
  }
}

function bindRecord(node: JsonNode, shape: Shape & { kind: 'record' }, place: Place): unknown {
  const name = `${models}.${shape.name}`;
  if (node.kind !== 'object') throw mismatch(node, name, place, true);
  const values: Record<string, unknown> = {};
  for (const [key, value] of node.members) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (field !== undefined) values[key] = bind(value, field, below(place, `${name}["${key}"]`));
  }
  return values;
}

function bindScalar(
  node: JsonNode,
  kind: 'text' | 'flag' | 'int' | 'float' | 'mode',
  place: Place,
): unknown {
  const target = javaClass[kind];
  if (node.kind === 'object' || node.kind === 'array') throw mismatch(node, target, place);
  if (kind === 'text') return node.kind === 'boolean' ? String(node.value) : textOf(node);
  if (kind === 'mode') return modeOf(node, place);
  if (kind === 'flag') {
    if (node.kind === 'boolean') return node.value;
    if (node.kind === 'number') return Number(node.text) !== 0;
    const text = textOf(node).trim();
    if (/^(true|True|TRUE)$/.test(text)) return true;
    if (/^(false|False|FALSE)$/.test(text)) return false;
    if (text === '') return null;
    throw invalid(node, target, 'only "true" or "false" recognized', place);
  }
  if (node.kind === 'boolean') throw mismatch(node, target, place);
  return numberOf(node, kind, target, place);
}

function numberOf(node: JsonNode, kind: 'int' | 'float', target: string, place: Place): unknown {
  const text = textOf(node).trim();
  if (text === '') return null;
  const value = Number(text);
  if (Number.isNaN(value)) throw invalid(node, target, `not a valid \`${target}\` value`, place);
  if (kind === 'float') return value;
  if (Math.abs(value) > 2 ** 31 - 1) {
    const range = '(-2147483648 - 2147483647)';
    const message = `Numeric value (${text}) out of range of int ${range}`;
    throw refusal('com.fasterxml.jackson.core.exc.InputCoercionException', message, node.at, place);
  }
  return Math.trunc(value);
}

function modeOf(node: JsonNode, place: Place): string {
  const text = textOf(node);
  if (text === 'release' || text === 'testing') return text;
  const kind = 'com.fasterxml.jackson.databind.exc.ValueInstantiationException';
  const message = `Cannot construct instance of \`${javaClass.mode}\`, problem: Unexpected value '${text}'`;
  throw refusal(kind, message, node.at, place);
}

function textOf(node: JsonNode): string {
  return node.kind === 'string' || node.kind === 'number' ? node.text : String(plainValue(node));
}

function below(place: Place, step: string): Place {
  return { text: place.text, chain: [...place.chain, step] };
}

/** `creators`: the target is one of the service's classes, which takes no single value. */
function mismatch(node: JsonNode, target: string, place: Place, creators = false): ServiceFailure {
  const [value, token] = tokens[node.kind];
  const kind = 'com.fasterxml.jackson.databind.exc.MismatchedInputException';
  if (!creators || node.kind === 'array' || node.kind === 'object') {
    const exact = node.kind === 'boolean' && !node.value ? 'VALUE_FALSE' : token;
    const message = `Cannot deserialize value of type \`${target}\` from ${value} (token \`JsonToken.${exact}\`)`;
    return refusal(kind, message, node.at, place);
  }
  const argument = { string: 'String', number: 'int/Int', boolean: 'boolean/Boolean', null: '' };
  const shown =
    node.kind === 'string' ? `String value ('${node.text}')` : `${value} (${textOf(node)})`;
  const message =
    `Cannot construct instance of \`${target}\` (although at least one Creator exists): ` +
    `no ${argument[node.kind]}-argument constructor/factory method to deserialize from ${shown}`;
  return refusal(kind, message, node.at, place);
}

function invalid(node: JsonNode, target: string, why: string, place: Place): ServiceFailure {
  const kind = 'com.fasterxml.jackson.databind.exc.InvalidFormatException';
  const message = `Cannot deserialize value of type \`${target}\` from String "${textOf(node)}": ${why}`;
  return refusal(kind, message, node.at, place);
}

function refusal(kind: string, message: string, at: number, place: Place): ServiceFailure {
  const where = ` at ${source}${lineAndColumn(place.text, at)}]`;
  const chain =
    place.chain.length === 0 ? '' : ` (through reference chain: ${place.chain.join('->')})`;
  return bodyProblem(
    `JSON parse error: ${message}; nested exception is ${kind}: ${message}\n${where}${chain}`,
  );
}
