/**
 * The Data Jobs API as data: every operation by its id. The client, the embedded service, the
 * OpenAPI document and the reference page are all made from it, so they cannot disagree.
 */
import type { z } from 'zod';
import type { Operation } from './contract/operation.ts';
import { deploymentOperations } from './contract/operations-deployments.ts';
import { executionOperations } from './contract/operations-executions.ts';
import { jobOperations } from './contract/operations-jobs.ts';
import { sourceOperations } from './contract/operations-sources.ts';
import { stateOperations } from './contract/operations-state.ts';

export const operations = {
  ...jobOperations,
  ...deploymentOperations,
  ...executionOperations,
  ...stateOperations,
  ...sourceOperations,
} as const;

export type OperationId = keyof typeof operations;

/** The same without the narrow types, for who treats all operations alike. */
export function operationOf(id: OperationId): Operation {
  return operations[id];
}

/** The names between braces of a path, in order. */
export function pathParameters(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}

export const operationIds = Object.keys(operations) as readonly OperationId[];

/** `job_name` → `jobName`: how arguments of the client are named. */
export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type PathParameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;

/** A job has one deployment and the id means nothing: clients send this word. */
export const standardDeploymentId = 'production';

type PathArguments<Path extends string> = {
  readonly [Name in Exclude<PathParameter<Path>, 'deployment_id'> as CamelCase<Name>]: string;
} & ('deployment_id' extends PathParameter<Path>
  ? {
      /** Means nothing to the service; `production` unless given. */
      readonly deploymentId?: string;
    }
  : unknown);

type QueryArguments<Query> = {
  readonly [Name in keyof Query & string as Query[Name] extends { unusable: string }
    ? never
    : CamelCase<Name>]?:
    | (Query[Name] extends { json: true }
        ? Readonly<Record<string, unknown>>
        : Query[Name] extends { schema: infer Schema extends z.ZodType }
          ? z.input<Schema>
          : never)
    | undefined;
};

type BodyArgument<Op> = Op extends { request: { schema: infer Schema } & infer Request }
  ? Request extends { emptyByDefault: true }
    ? { readonly body?: BodyInput<Schema> }
    : { readonly body: BodyInput<Schema> }
  : unknown;

/** A whole body, or one that comes in pieces and is never held as a whole. */
export type BytesInput = Uint8Array | AsyncIterable<Uint8Array>;

type BodyInput<Schema> = Schema extends z.ZodType ? z.input<Schema> : BytesInput;

type Flat<T> = { [Key in keyof T]: T[Key] };

/** The one argument of an operation: path, query and `body`. */
export type ArgumentsOf<Id extends OperationId> = Flat<
  PathArguments<(typeof operations)[Id]['path']> &
    QueryArguments<(typeof operations)[Id]['query']> &
    BodyArgument<(typeof operations)[Id]>
>;

/** What an operation returns: the decoded body, or what its `Location` names, or nothing. */
export type ResultOf<Id extends OperationId> = ResultOfSuccess<(typeof operations)[Id]['success']>;

type ResultOfSuccess<S> = S extends { locationId: infer Name extends string }
  ? { readonly [Key in Name | 'location']: string }
  : S extends { body: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : S extends { body: 'bytes' }
      ? Uint8Array
      : // biome-ignore lint/suspicious/noConfusingVoidType: it is what a method without a result returns
        void;
