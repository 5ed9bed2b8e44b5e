/** GraphQL errors in the shapes of the service's own library, which clients print. */
import {
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

/** Ends a fetch with an error of the query's author. `detailed`: the kind that carries more nulls. */
export class FetchProblem extends Error {
  readonly detailed: boolean;

  constructor(message: string, detailed = false) {
    super(message);
    this.name = 'FetchProblem';
    this.detailed = detailed;
  }
}

/** A value of the wrong type that only the fetch can see. */
export class WrongValue extends Error {
  readonly argument: string;

  constructor(argument: string, message: string) {
    super(message);
    this.name = 'WrongValue';
    this.argument = argument;
  }
}

/** By the words of our library: the kind of error in the words of the service's. */
const validationKinds: readonly (readonly [RegExp, string])[] = [
  [/^Cannot query field/, 'FieldUndefined'],
  [/^Unknown argument/, 'UnknownArgument'],
  [/^Unknown type/, 'UnknownType'],
  [/must have a selection of subfields/, 'SubSelectionRequired'],
  [/must not have a selection/, 'SubSelectionNotAllowed'],
  [/^Variable .* is not defined/, 'UndefinedVariable'],
  [/^Variable .* is never used/, 'UnusedVariable'],
  [/^Unknown fragment/, 'UndefinedFragment'],
  [/conflict because/, 'FieldsConflict'],
];

export function validationError(error: GraphQLError, document: DocumentNode): unknown {
  const field = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message);
  const kind = validationKinds.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'WrongType';
  const description =
    field === null ? error.message : `Field '${field[1]}' in type '${field[2]}' is undefined`;
  return wrongQuery(kind, description, pathTo(error.nodes?.[0], document), error.locations);
}

function wrongQuery(
  kind: string,
  description: string,
  queryPath: readonly string[],
  locations: GraphQLError['locations'],
): unknown {
  return {
    message: `Validation error of type ${kind}: ${description} @ '${queryPath.join('/')}'`,
    locations: placed(locations),
    description,
    validationErrorType: kind,
    queryPath,
    extensions: null,
    errorType: 'ValidationError',
    path: null,
  };
}

export function syntaxError(error: GraphQLError): unknown {
  const [location] = error.locations ?? [];
  const token = /Unexpected (?:Name )?"?([^".]+)"?\.?$/.exec(error.message)?.[1] ?? '';
  const place = `at line ${location?.line ?? 1} column ${location?.column ?? 1}`;
  return {
    message: `Invalid Syntax : offending token '${token}' ${place}`,
    sourcePreview: error.source?.body.split('\n')[(location?.line ?? 1) - 1] ?? '',
    offendingToken: token,
    locations: placed(error.locations),
    errorType: 'InvalidSyntax',
    path: null,
    extensions: null,
  };
}

/** An error while a root field was fetched: the whole of it counts as failed. */
export function fetchError(error: GraphQLError, operation: OperationDefinitionNode): unknown {
  const root = String(error.path?.[0] ?? '');
  const problem = error.originalError;
  const node = operation.selectionSet.selections.find(
    (each) => each.kind === 'Field' && (each.alias ?? each.name).value === root,
  );
  if (problem instanceof WrongValue && node?.kind === 'Field') {
    const [argument] = problem.argument.split('.');
    const given = node.arguments?.find((each) => each.name.value === argument);
    return wrongQuery('WrongType', problem.message, [root], locationOf(given ?? node));
  }
  const { message } = problem ?? error;
  const detailed = problem instanceof FetchProblem && problem.detailed;
  return {
    message: `Exception while fetching data (/${root}) : ${message}`,
    path: [root],
    exception: {
      cause: null,
      stackTrace: [],
      ...(detailed
        ? { locations: null, extensions: null, path: null, errorType: 'DataFetchingException' }
        : {}),
      message,
      suppressed: [],
      localizedMessage: message,
    },
    locations: placed(locationOf(node)),
    extensions: null,
    errorType: 'DataFetchingException',
  };
}

/** An error before anything was fetched: it shows itself as the exception that it is. */
export function thrownError(
  message: string,
  errorType: string,
  locations: GraphQLError['locations'],
): unknown {
  return {
    cause: null,
    stackTrace: [],
    locations: placed(locations),
    errorType,
    message,
    path: null,
    extensions: null,
    suppressed: [],
    localizedMessage: message,
  };
}

function placed(locations: GraphQLError['locations']) {
  return (locations ?? []).map(({ line, column }) => ({ line, column, sourceName: null }));
}

export function locationOf(node: ASTNode | undefined): GraphQLError['locations'] {
  const token = node?.loc?.startToken;
  return token === undefined ? [] : [{ line: token.line, column: token.column }];
}

/** The names of the fields around a node, from the root. */
function pathTo(target: ASTNode | undefined, document: DocumentNode): readonly string[] {
  const path: string[] = [];
  let found: readonly string[] = [];
  visit(document, {
    enter(node) {
      if (node.kind === 'Field') path.push(node.name.value);
      if (node === target) found = [...path];
    },
    leave(node) {
      if (node.kind === 'Field') path.pop();
    },
  });
  return found;
}
