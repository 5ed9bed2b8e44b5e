/** How a field of a kind is written down once: zod for shape and type, CEL for what shape cannot say. */
import type { z } from 'zod';

/** A CEL rule; `message` says what to do. Evaluated by the API server and by offline validation. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** Where the API server shows the problem, below the node that carries the rule. */
  readonly fieldPath?: string;
}

/** The key under which rules travel in the generated schema. */
export const rulesKey = 'x-kubernetes-validations';

/** Describes a field for `kubectl explain`; `extra` goes into the generated schema as it is. */
export function field<T extends z.ZodType>(
  schema: T,
  description: string,
  extra: { readonly rules?: readonly CelRule[]; readonly [keyword: string]: unknown } = {},
): T {
  const { rules, ...keywords } = extra;
  return schema.meta({
    ...keywords,
    ...(rules === undefined ? {} : { [rulesKey]: rules }),
    description,
  }) as T;
}

/** A JSON schema node as zod generates it, reduced to what a CRD may hold. */
export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly [rulesKey]?: readonly CelRule[];
  readonly [keyword: string]: unknown;
}
