/**
 * Runs the CEL rules (`x-kubernetes-validations`) of a schema over an object. Rules that read
 * `oldSelf` run on updates only, unless they take it as an optional. A failing rule on a part that
 * did not change is not an error. Not emulated: the cost budget of the real server; documents are
 * small here, and a rule can only loop over them.
 */

import { Optional, type ParseResult } from '@marcbachmann/cel-js';
import { createCelEnvironment, matchesLikeRe2 } from './cel-environment.ts';
import { celErrorText } from './cel-error.ts';
import { toCel, withObjectFields } from './cel-values.ts';
import { childOf, elementOf } from './correlation.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  invalidWithoutValue,
  noField,
  required,
} from './field-error.ts';
import { propertyOf, type Schema, type ValidationRule, valuesOf } from './json-schema.ts';
import { isObject, jsonEqual } from './json-value.ts';

interface CompiledRule {
  readonly rule: ValidationRule;
  readonly usesOldSelf: boolean;
  readonly holds: ParseResult | { readonly refused: string };
  readonly message?: ParseResult;
}

/** A node with its counterpart, and the nearest pair above that can be compared. */
interface Node {
  readonly schema: Schema;
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
  readonly unchanged: () => boolean;
}

/** A memo, not state: both depend on nothing but the schema and go when it goes. */
const compiledBySchema = new WeakMap<Schema, readonly CompiledRule[]>();
const hasRulesBySchema = new WeakMap<Schema, boolean>();

/** True when the schema or anything below it has rules. */
export function hasRules(schema: Schema): boolean {
  const known = hasRulesBySchema.get(schema);
  if (known !== undefined) return known;
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...[schema.items, valuesOf(schema)].filter((each) => each !== undefined),
  ];
  const found = (schema['x-kubernetes-validations']?.length ?? 0) > 0 || below.some(hasRules);
  hasRulesBySchema.set(schema, found);
  return found;
}

export function ruleErrors(schema: Schema, value: unknown, old: unknown): readonly FieldError[] {
  return nodeErrors({ schema, value, old, path: '', unchanged: once(value, old) }, true);
}

function nodeErrors(node: Node, isObjectRoot: boolean): readonly FieldError[] {
  const { schema, value, old, path } = node;
  if (value === null || value === undefined || !hasRules(schema)) return [];
  const errors = ownErrors(node, isObjectRoot);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return errors;
    const inner = value.flatMap((each, i) => {
      const oldItem = elementOf(schema, old, each);
      return nodeErrors(below(node, items, each, oldItem, `${path}[${i}]`), isEmbedded(items));
    });
    return [...errors, ...inner];
  }
  if (!isObject(value)) return errors;
  const inner = Object.entries(value).flatMap(([name, child]) => {
    const property = propertyOf(schema, name);
    const next = property ?? valuesOf(schema);
    if (!next) return [];
    const named = path === '' ? name : `${path}.${name}`;
    const at = property ? named : `${path}[${name}]`;
    return nodeErrors(below(node, next, child, childOf(old, name), at), isEmbedded(next));
  });
  return [...errors, ...inner];
}

function below(parent: Node, schema: Schema, value: unknown, old: unknown, path: string): Node {
  const same = once(value, old);
  return { schema, value, old, path, unchanged: () => same() || parent.unchanged() };
}

/** Compared only when a rule fails, since most never do. */
function once(value: unknown, old: unknown): () => boolean {
  let known: boolean | undefined;
  return () => {
    known ??= old !== undefined && jsonEqual(value, old);
    return known;
  };
}

function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function ownErrors(node: Node, isObjectRoot: boolean): readonly FieldError[] {
  const { schema, value, old } = node;
  const rules = compiledRules(schema);
  if (rules.length === 0) return [];
  const typed = isObjectRoot ? withObjectFields(schema) : schema;
  const self = toCel(typed, value);
  const oldSelf = old === undefined || old === null ? undefined : toCel(typed, old);
  return rules.flatMap((rule) => {
    const optional = rule.rule.optionalOldSelf === true;
    if (rule.usesOldSelf && oldSelf === undefined && !optional) return [];
    const variables = {
      self,
      oldSelf: optional ? (oldSelf ? Optional.of(oldSelf) : Optional.none()) : (oldSelf ?? null),
    };
    return errorsOf(rule, node, variables);
  });
}

function errorsOf(
  compiled: CompiledRule,
  node: Node,
  variables: Record<string, unknown>,
): readonly FieldError[] {
  const { rule, holds } = compiled;
  const path = node.path === '' ? noField : node.path;
  const type = node.schema.type ?? '';
  if (typeof holds !== 'function') {
    return [invalid(path, type, `rule compile error: ${holds.refused}`)];
  }
  try {
    if (holds(variables) === true) return [];
  } catch (error) {
    return [invalid(path, type, celErrorText(error, rule.message || rule.rule))];
  }
  if (!compiled.usesOldSelf && node.unchanged()) return [];
  const at = `${node.path}${rule.fieldPath ?? ''}`;
  const field = node.path === '' ? at.replace(/^\./, '') || noField : at;
  return [errorFor(rule, field, node, messageOf(compiled, variables))];
}

function errorFor(rule: ValidationRule, field: string, node: Node, message: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueDuplicate':
      return duplicate(field, node.value);
    default: {
      const compound = node.schema.type === 'object' || node.schema.type === 'array';
      return compound ? invalidWithoutValue(field, message) : invalid(field, node.value, message);
    }
  }
}

/** A message expression that fails, or gives nothing to print, falls back to the plain message. */
function messageOf({ rule, message }: CompiledRule, variables: Record<string, unknown>): string {
  const plain = rule.message?.trim() || `failed rule: ${rule.rule.trim()}`;
  if (!message) return plain;
  try {
    const text: unknown = message(variables);
    const usable = typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
    return usable ? text.trim() : plain;
  } catch {
    return plain;
  }
}

function compiledRules(schema: Schema): readonly CompiledRule[] {
  const known = compiledBySchema.get(schema);
  if (known) return known;
  const compiled = (schema['x-kubernetes-validations'] ?? []).map(compile);
  compiledBySchema.set(schema, compiled);
  return compiled;
}

/** At run time everything is dynamic; types were checked when the CRD was created. */
const environment = createCelEnvironment({ mixedLists: true })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn');

function compile(rule: ValidationRule): CompiledRule {
  const message = rule.messageExpression ? parsed(rule.messageExpression) : undefined;
  return {
    rule,
    usesOldSelf: mentionsOldSelf(rule.rule),
    holds: parsed(rule.rule),
    ...(typeof message === 'function' ? { message } : {}),
  };
}

function parsed(expression: string): ParseResult | { readonly refused: string } {
  try {
    return environment.parse(withRe2(expression));
  } catch (error) {
    return { refused: celErrorText(error) };
  }
}

/** The pattern functions as the server has them; text in quotes stays. */
function withRe2(expression: string): string {
  return expression.replaceAll(
    /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\.matches\(/g,
    (_all, text: string | undefined) => text ?? `.${matchesLikeRe2}(`,
  );
}

/** Text in quotes is not code. */
export function mentionsOldSelf(expression: string): boolean {
  return /\boldSelf\b/.test(withoutText(expression));
}

export function withoutText(expression: string): string {
  return expression.replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""');
}
