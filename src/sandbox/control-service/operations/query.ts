/**
 * `jobsQuery`: GraphQL over a GET. The answer is not GraphQL's usual one: the root field is
 * unwrapped, `errors` is always there, and any error makes it 400 with no data.
 */
import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLResolveInfo,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { remembering } from '../../remembering.ts';
import {
  fetchError,
  locationOf,
  syntaxError,
  thrownError,
  validationError,
} from '../query/errors.ts';
import { type ExecutionArguments, fetchExecutions } from '../query/executions.ts';
import { fetchJobs } from '../query/jobs.ts';
import { querySchema, standardQuery } from '../query/schema.ts';
import { type Answer, json } from '../web/answers.ts';
import type { Operation } from '../web/call.ts';
import { bug } from '../web/failures.ts';
import { JsonProblem, lineAndColumn, parseJson, plainValue } from '../web/json.ts';
import type { World } from '../world.ts';

/** Programs ask the same few questions again and again; who writes a value into each is not helped. */
const knownQueriesMax = 50;

export function queryOperation(world: World): Operation {
  const readQuery = remembering(readQueryText, knownQueriesMax);
  return async ({ query }) => {
    const source = query.get('query') || standardQuery;
    const variables = variablesOf(query.get('variables'));
    const operationName = query.get('operation_name')?.replaceAll('"', '') ?? '';
    const { document, problems, refusal } = readQuery(source);
    if (document === undefined) return failed(syntaxError(refusal));
    const operation = operationOf(document, operationName);
    if (operation.operation !== 'query') {
      const message = `Schema is not configured for ${operation.operation}s.`;
      return failed(thrownError(message, 'OperationNotSupported', locationOf(operation)));
    }
    if (problems.length > 0) {
      return failed(...problems.map((problem) => validationError(problem, document)));
    }
    return await run(world, document, operation, variables);
  };
}

type QueryText =
  | { readonly document: DocumentNode; readonly problems: readonly GraphQLError[]; refusal?: never }
  | { readonly document?: never; readonly problems?: never; readonly refusal: GraphQLError };

function readQueryText(source: string): QueryText {
  try {
    const document = parse(source);
    return { document, problems: validate(querySchema, document).filter(isShared) };
  } catch (error) {
    if (error instanceof GraphQLError) return { refusal: error };
    throw error;
  }
}

/** Our library knows rules that the service's does not have. */
function isShared(error: GraphQLError): boolean {
  return !/is never used|must be the only defined operation/.test(error.message);
}

async function run(
  world: World,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variableValues: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const result = await execute({
    schema: querySchema,
    // Only the operation that runs: the others' names may be missing.
    document: {
      ...document,
      definitions: document.definitions.filter(
        (each) => each.kind !== 'OperationDefinition' || each === operation,
      ),
    },
    variableValues,
    rootValue: {
      jobs: (args: Parameters<typeof fetchJobs>[1], _: unknown, info: GraphQLResolveInfo) =>
        fetchJobs(world, args, info),
      executions: (args: ExecutionArguments) => fetchExecutions(world, args),
    },
  });
  if (result.errors !== undefined) {
    // The service fetches a root field as a whole: it fails once, however many rows it has.
    const byRoot = new Map(result.errors.map((error) => [error.path?.[0] ?? error.message, error]));
    return failed(...[...byRoot.values()].map((error) => executionError(error, operation)));
  }
  const data = (result.data ?? {}) as Readonly<Record<string, Page | null>>;
  // Of two root fields the second one's page is what is left.
  const page = data.executions ?? data.jobs ?? null;
  return json({
    errors: [],
    data: page && {
      content: page.content ?? null,
      totalItems: page.totalItems ?? 0,
      totalPages: page.totalPages ?? 0,
    },
  });
}

interface Page {
  readonly content?: unknown;
  readonly totalItems?: number;
  readonly totalPages?: number;
}

function executionError(error: GraphQLError, operation: OperationDefinitionNode): unknown {
  if (error.path !== undefined) return fetchError(error, operation);
  const missing = /^Variable "\$(\w+)".* non-null type "([^"]+)"/.exec(error.message);
  const message =
    missing === null
      ? error.message
      : `Variable '${missing[1]}' has an invalid value: Variable '${missing[1]}' has coerced Null value for NonNull type '${missing[2]}'`;
  return thrownError(message, 'ValidationError', error.locations);
}

function operationOf(document: DocumentNode, name: string): OperationDefinitionNode {
  const operations = document.definitions.filter((each) => each.kind === 'OperationDefinition');
  const found = name === '' ? operations[0] : operations.find((each) => each.name?.value === name);
  if (found !== undefined) return found;
  throw bug(name === '' ? 'Must provide an operation.' : `Unknown operation named '${name}'.`);
}

function variablesOf(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null || text.trim() === '') return {};
  const place = (at: number) => `[Source: (String)"${text}"; ${lineAndColumn(text, at)}]`;
  try {
    const node = parseJson(text, place);
    if (node?.kind === 'object') return plainValue(node) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw bug(`Error deserializing object from JSON: ${error.message}\n at ${place(error.at)}`);
  }
  throw bug('Error deserializing object from JSON: the variables are not an object');
}

function failed(...errors: readonly unknown[]): Answer {
  return json({ errors, data: null }, 400);
}
