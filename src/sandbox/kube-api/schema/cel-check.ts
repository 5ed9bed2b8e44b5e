/**
 * Compiles a schema's CEL rules with types, when a CRD is created, so that a typo is refused there
 * and not on every object. Stricter than the real server in one way: rules that need a function
 * the sandbox lacks are refused (see cel-environment.ts). Laxer in one: no cost is estimated, so a
 * rule over an unbounded list passes here and may be refused by a real server.
 */

import type { Environment } from '@marcbachmann/cel-js';
import { createCelEnvironment } from './cel-environment.ts';
import { mentionsOldSelf, withoutText } from './cel-rules.ts';
import { escapeName, withObjectFields } from './cel-values.ts';
import {
  type FieldError,
  invalid,
  invalidWithoutValue,
  notSupported,
  required,
} from './field-error.ts';
import { propertyOf, type Schema, type ValidationRule, valuesOf } from './json-schema.ts';
import { parsePattern } from './regex.ts';

export interface RulePlace {
  readonly schema: Schema;
  /** The node's path in the CRD, for messages. */
  readonly path: string;
  readonly isObjectRoot: boolean;
  /** Set when the node is below a list without keys: the path of that list. */
  readonly uncorrelatable?: string;
}

/** The rules of one node; what is below is the caller's to walk. */
export function ruleDefinitionErrors(place: RulePlace): readonly FieldError[] {
  const rules = place.schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const environment = typedEnvironment(place);
  return rules.flatMap((rule, i) => {
    const path = `${place.path}.x-kubernetes-validations[${i}]`;
    if (!rule.rule?.trim()) return [required(`${path}.rule`, 'rule is not specified')];
    return [
      ...textErrors(rule, path),
      ...fieldPathErrors(rule, place.schema, path),
      ...oldSelfErrors(rule, place, path),
      ...compileErrors(rule, environment, path),
    ];
  });
}

const reasons = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];

function textErrors(rule: ValidationRule, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { message, reason } = rule;
  if (message?.includes('\n')) {
    errors.push(invalid(`${path}.message`, message, 'must not contain line breaks'));
  }
  if (rule.rule.trim().includes('\n') && !message) {
    const why = 'message must be specified if rule contains line breaks';
    errors.push(required(`${path}.message`, why));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(`${path}.reason`, reason, reasons));
  }
  return errors;
}

function fieldPathErrors(rule: ValidationRule, schema: Schema, path: string) {
  const { fieldPath } = rule;
  if (fieldPath === undefined || fieldPath === '') return [];
  const names = /^(\.[^.[\]]+|\['[^']+'\])+$/.test(fieldPath)
    ? [...fieldPath.matchAll(/\.([^.[\]]+)|\['([^']+)'\]/g)].map(([, a, b]) => a ?? b ?? '')
    : ['']; // no property is named like that
  let node: Schema | undefined = schema;
  for (const name of names) node = propertyOf(node, name) ?? valuesOf(node);
  return node ? [] : [invalid(`${path}.fieldPath`, fieldPath, 'must be a valid path')];
}

function oldSelfErrors(rule: ValidationRule, place: RulePlace, path: string) {
  if (place.uncorrelatable === undefined || !mentionsOldSelf(rule.rule)) return [];
  const where = `uncorrelatable portion of the schema within ${place.uncorrelatable}`;
  return [invalid(`${path}.rule`, rule.rule, `oldSelf cannot be used on the ${where}`)];
}

function compileErrors(rule: ValidationRule, environment: Environment, path: string) {
  const errors: FieldError[] = [];
  const { messageExpression } = rule;
  const refuse = (at: string, why: string) => {
    errors.push(invalidWithoutValue(`${path}.${at}`, `${asServerPrints(rule)}: ${why}`));
  };
  const compiled = check(environment, rule.rule);
  if (compiled.problem) refuse('rule', `compilation failed: ${compiled.problem}`);
  else if (!['bool', 'dyn'].includes(compiled.type)) {
    refuse('rule', 'cel expression must evaluate to a bool');
  }
  if (messageExpression) {
    const message = check(environment, messageExpression);
    if (message.problem) {
      refuse('messageExpression', `messageExpression compilation failed: ${message.problem}`);
    } else if (!['string', 'dyn'].includes(message.type)) {
      refuse('messageExpression', 'messageExpression must evaluate to a string');
    }
  }
  return errors;
}

/** The server shows the rule as its own program's structure; scripts have learnt to read it. */
function asServerPrints(rule: ValidationRule): string {
  const structure = {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
  const escapes: Readonly<Record<string, string>> = { '&': 'u0026', '<': 'u003c', '>': 'u003e' };
  return JSON.stringify(structure).replaceAll(/[&<>]/g, (found) => `\\${escapes[found]}`);
}

interface Checked {
  readonly type: string;
  readonly problem?: string;
}

function check(environment: Environment, expression: string): Checked {
  const problem = problemBeyondTypes(environment, expression);
  if (problem) return { type: '', problem };
  const result = environment.check(expression);
  if (result.valid) return { type: result.type ?? 'dyn' };
  const { summary = 'the expression has no valid type', range } = result.error ?? {};
  const undefinedField = /^No such key: (.+)$/.exec(summary)?.[1];
  if (undefinedField === undefined) {
    return { type: '', problem: located(expression, range?.start ?? 0, summary) };
  }
  const dot = (range?.start ?? 1) - 1; // the server points at the dot, the library at the name
  return { type: '', problem: located(expression, dot, `undefined field '${undefinedField}'`) };
}

/** What the library lets pass and the server does not. */
function problemBeyondTypes(environment: Environment, expression: string): string | undefined {
  const code = withoutText(expression);
  const cel = /(?<![.\w])cel\s*\./.exec(code);
  if (cel) return located(expression, cel.index, "undeclared reference to 'cel' (in container '')");
  for (const found of expression.matchAll(/\bhas\(\s*((?:self|oldSelf)(?:\.\w+)+)\s*\)/g)) {
    const field = environment.check(found[1] ?? '');
    const name = /^No such key: (.+)$/.exec(field.error?.summary ?? '')?.[1];
    if (name) return located(expression, found.index + 3, `undefined field '${name}'`);
  }
  for (const found of expression.matchAll(/\.(matches|find|findAll)\((['"])([^\\]*?)\2/g)) {
    if (parsePattern(found[3] ?? '').kind === 'pattern') continue;
    const argument = found.index + found[0].indexOf('(') + 1;
    return located(expression, argument, `invalid ${found[1]} argument`);
  }
  return undefined;
}

/** In the layout of the server's compiler: the place, the line, and a caret under it. */
function located(expression: string, start: number, what: string): string {
  const before = expression.slice(0, start);
  const line = before.split('\n').length;
  const column = start - (before.lastIndexOf('\n') + 1);
  const text = expression.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${what}\n | ${text}\n | ${'.'.repeat(column)}^`;
}

function typedEnvironment({ schema, isObjectRoot }: RulePlace): Environment {
  // The arguments of format() are the one list that may mix types.
  const mixedLists = (schema['x-kubernetes-validations'] ?? []).some(usesFormat);
  const environment = createCelEnvironment({ mixedLists });
  const names = { next: 1 };
  const self = typeOf(isObjectRoot ? withObjectFields(schema) : schema, environment, names);
  const optional = schema['x-kubernetes-validations']?.some((rule) => rule.optionalOldSelf);
  return environment
    .registerVariable('self', self)
    .registerVariable('oldSelf', optional ? 'dyn' : self);
}

function usesFormat({ rule, messageExpression = '' }: ValidationRule): boolean {
  return /\.format\(/.test(withoutText(`${rule} ${messageExpression}`));
}

/** The CEL type of a schema; objects are registered under numbered names. */
function typeOf(schema: Schema, environment: Environment, names: { next: number }): string {
  if (schema['x-kubernetes-int-or-string']) return 'dyn';
  switch (schema.type) {
    case 'boolean':
      return 'bool';
    case 'integer':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return textTypes.get(schema.format ?? '') ?? 'string';
    case 'array':
      return `list<${schema.items ? typeOf(schema.items, environment, names) : 'dyn'}>`;
    case 'object':
      return objectType(schema, environment, names);
    default:
      return 'dyn';
  }
}

const textTypes: ReadonlyMap<string, string> = new Map([
  ['byte', 'bytes'],
  ['date', 'google.protobuf.Timestamp'],
  ['date-time', 'google.protobuf.Timestamp'],
  ['duration', 'google.protobuf.Duration'],
]);

function objectType(schema: Schema, environment: Environment, names: { next: number }): string {
  const values = valuesOf(schema);
  if (values) return `map<string, ${typeOf(values, environment, names)}>`;
  if (schema['x-kubernetes-preserve-unknown-fields'] && !schema.properties) return 'dyn';
  const declared = schema['x-kubernetes-embedded-resource'] ? withObjectFields(schema) : schema;
  const fields = Object.entries(declared.properties ?? {}).flatMap(([name, child]) => {
    const identifier = escapeName(name);
    return identifier ? [[identifier, typeOf(child, environment, names)]] : [];
  });
  const name = `Object${names.next++}`;
  environment.registerType(name, { fields: Object.fromEntries(fields) });
  // The library compares registered types only where it is told how; nothing is compared here.
  environment.registerOperator(`${name} == ${name}`, () => true);
  environment.registerOperator(`${name} == null`, () => true);
  return name;
}
