/**
 * Offline validation: what the API server would refuse, said before anything is sent. Shape and types
 * come from the zod source, the rest from the same CEL rules that stand in the CRD: nothing is stated
 * twice. The schedule is also checked for its meaning, which no rule of a CRD can do.
 */
import { evaluate } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { dataJobSchema } from './crd.ts';
import { cronProblem } from './cron.ts';
import type { DataJob } from './data-job.ts';
import { dataJobSpecSchema } from './data-job-spec.ts';
import { type CelRule, rulesKey, type SchemaNode } from './field.ts';

interface Problem {
  /** Where, as in `spec.deployment.schedule`. */
  readonly field: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

export type DecodedDataJob =
  | { readonly kind: 'valid'; readonly dataJob: DataJob }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

const manifestSchema = z.strictObject({
  apiVersion: z.literal('versatiledatakit.io/v1alpha1'),
  kind: z.literal('DataJob'),
  metadata: z.looseObject({
    name: z.string().min(1).max(253),
    namespace: z.string().default('default'),
  }),
  spec: dataJobSpecSchema,
  // What a person writes here is ignored by the API server, and so it is here.
  status: z.unknown().optional(),
});

/** All that is wrong with a manifest; `old` is what it would replace, where something is there. */
export function validateDataJob(manifest: unknown, old?: DataJob): readonly Problem[] {
  const decoded = decodeDataJob(manifest, old);
  return decoded.kind === 'valid' ? [] : decoded.problems;
}

/** The object that the API server would make of a manifest, defaults filled in, or what is wrong. */
export function decodeDataJob(manifest: unknown, old?: DataJob): DecodedDataJob {
  const parsed = manifestSchema.safeParse(withoutNulls(manifest), { reportInput: true });
  if (!parsed.success) {
    return { kind: 'invalid', problems: parsed.error.issues.flatMap((issue) => problemsOf(issue)) };
  }
  const { status: _, ...decoded } = parsed.data;
  const dataJob: DataJob = decoded;
  const broken = brokenRules(dataJobSchema, dataJob, old, '');
  const problems = broken.length > 0 ? broken : scheduleProblems(dataJob.spec.deployment.schedule);
  return problems.length === 0 ? { kind: 'valid', dataJob } : { kind: 'invalid', problems };
}

/** A field that is null is one that is not given, as in kubectl. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const given = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(given.map(([key, child]) => [key, withoutNulls(child)]));
}

function scheduleProblems(schedule: string | undefined): readonly Problem[] {
  const problem = schedule === undefined ? undefined : cronProblem(schedule);
  return problem === undefined ? [] : [{ field: 'spec.deployment.schedule', message: problem }];
}

/** Walks value and schema together; a rule that names oldSelf counts only where there was a value. */
function brokenRules(
  schema: SchemaNode,
  value: unknown,
  old: unknown,
  path: string,
): readonly Problem[] {
  const own = (schema[rulesKey] ?? [])
    .filter((rule) => !holds(rule, value, old))
    .map(({ message, fieldPath = '' }) => ({
      field: `${path}${fieldPath}`.replace(/^\./, ''),
      message,
    }));
  return [...own, ...childrenOf(schema, value, old, path).flatMap((args) => brokenRules(...args))];
}

type Node = readonly [schema: SchemaNode, value: unknown, old: unknown, path: string];

function childrenOf(schema: SchemaNode, value: unknown, old: unknown, path: string): Node[] {
  const { items } = schema;
  if (Array.isArray(value) && items !== undefined) {
    // Items of atomic lists have no past: the API server cannot tell which was which either.
    return value.map((item, index): Node => [items, item, undefined, `${path}[${index}]`]);
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, child]): Node[] => {
    const childSchema = schema.properties?.[key];
    if (childSchema === undefined || child === undefined) return [];
    const childOld = isRecord(old) ? old[key] : undefined;
    return [[childSchema, child, childOld, path === '' ? key : `${path}.${key}`]];
  });
}

function holds({ rule }: CelRule, self: unknown, oldSelf: unknown): boolean {
  if (!/\boldSelf\b/.test(rule)) return evaluate(rule, { self }) === true;
  return oldSelf === undefined || evaluate(rule, { self, oldSelf }) === true;
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  const field = pathOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        field: pathOf([...issue.path, key]),
        message: 'unknown field: correct its spelling or remove it',
      }));
    case 'invalid_type':
      return [
        {
          field,
          message:
            issue.input === undefined
              ? `is required: add it as ${articleOf(issue.expected)}`
              : `must be ${articleOf(issue.expected)}`,
        },
      ];
    case 'invalid_value':
      return [{ field, message: `must be one of: ${issue.values.map(String).join(', ')}` }];
    case 'too_big':
      return [{ field, message: `must be at most ${limitOf(issue.maximum, issue.origin)}` }];
    case 'too_small':
      return [{ field, message: `must be at least ${limitOf(issue.minimum, issue.origin)}` }];
    default:
      return [{ field, message: issue.message }];
  }
}

function limitOf(limit: number | bigint, origin: string): string {
  if (origin === 'string') return `${limit} characters long`;
  return origin === 'array' ? `${limit} items long` : String(limit);
}

function articleOf(type: string): string {
  const word = type === 'record' ? 'object' : type === 'int' ? 'integer' : type;
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`;
}

/** A name that is no plain word, like a file's, stands in brackets. */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) =>
      typeof part === 'number' || !/^\w+$/.test(String(part))
        ? `[${String(part)}]`
        : `.${String(part)}`,
    )
    .join('')
    .replace(/^\./, '');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
