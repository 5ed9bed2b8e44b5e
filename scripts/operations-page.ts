/** The reference page of the Data Jobs API, docs/operations.md, made from the contract. */
import { answersOfAnyCall } from '../src/control-service/contract/errors-of-any-call.ts';
import {
  type ErrorAnswer,
  type Operation,
  tags,
} from '../src/control-service/contract/operation.ts';
import { schemas } from '../src/control-service/contract/schemas.ts';
import {
  camelCase,
  type OperationId,
  operationIds,
  operationOf,
  pathParameters,
} from '../src/control-service/contract.ts';

export function operationsPage(): string {
  const sections = tags.flatMap((tag) => [
    `## ${tag}`,
    '',
    ...operationIds.filter((id) => operationOf(id).tag === tag).flatMap(section),
  ]);
  return [...intro(), ...sections].join('\n');
}

const bodies: Readonly<Record<ErrorAnswer['body'] | 'page', string>> = {
  fourField: 'four fields',
  empty: 'none',
  framework: 'framework',
  query: 'GraphQL errors',
  page: 'HTML page',
};

function intro(): readonly string[] {
  const upload = operationOf('sourcesUpload');
  return [
    '# The 30 operations of the Data Jobs API',
    '',
    '<!-- Made by "npm run generate" from src/control-service/contract: change it there. -->',
    '',
    'What the Control Service really answers, as observed on the running service; where its own',
    'document says something else, this page follows the service. `npm run openapi` prints the same',
    'as an OpenAPI document, and each heading below is the name of a method of the',
    '[client](client.md). Every path parameter is a required string.',
    '',
    '| operation | call | answers |',
    '| --- | --- | --- |',
    ...operationIds.map(overviewRow),
    '',
    '## Answers that any call can get',
    '',
    'These have nothing to do with the operation, so they are not repeated below.',
    '',
    ...answerTable(answersOfAnyCall(upload)),
    '',
    'Bodies of errors: *four fields* are `what`, `why`, `consequences` and `countermeasures`;',
    '*framework* is `timestamp`, `status`, `error` and `path`.',
    '',
  ];
}

function overviewRow(id: OperationId): string {
  const { method, path, success, errors } = operationOf(id);
  const statuses = [...new Set([success.status, ...errors.map(({ status }) => status)])];
  return `| [${id}](#${id.toLowerCase()}) | ${method} \`${path}\` | ${statuses.join(', ')} |`;
}

function section(id: OperationId): readonly string[] {
  const operation = operationOf(id);
  const { method, path, summary, doc, stability, open } = operation;
  const marks = [
    stability === 'stable' ? 'Promised as stable.' : 'Without a promise of stability.',
    ...(open ? ['Needs no token.'] : []),
  ];
  return [
    `### ${id}`,
    '',
    `${method} \`${path}\``,
    '',
    `${summary}. ${marks.join(' ')}`,
    '',
    doc,
    '',
    `Client: \`client.api.${id}(${argumentsOf(operation)})\``,
    '',
    ...inputs(operation),
    ...answerTable([
      {
        status: operation.success.status,
        body: successBody(operation),
        when: successText(operation),
      },
      ...operation.errors,
    ]),
    '',
  ];
}

function argumentsOf({ path, query, request }: Operation): string {
  const required = pathParameters(path).filter((name) => name !== 'deployment_id');
  const optional = Object.entries(query)
    .filter(([, { unusable }]) => unusable === undefined)
    .map(([name]) => `${camelCase(name)}?`);
  const body = request === undefined ? [] : [request.emptyByDefault ? 'body?' : 'body'];
  return `{ ${[...required.map(camelCase), ...optional, ...body].join(', ')} }`;
}

function inputs({ query, request }: Operation): readonly string[] {
  const parameters = Object.entries(query).map(
    ([name, { doc, unusable }]) =>
      `- query \`${name}\`: ${doc}${unusable === undefined ? '' : `: ${unusable}`}`,
  );
  const body =
    request === undefined
      ? []
      : [`- body (\`${request.mediaType}\`): ${schemaName(request.schema)}`];
  const all = [...parameters, ...body];
  return all.length === 0 ? [] : [...all, ''];
}

function schemaName(schema: unknown): string {
  if (schema === 'bytes') return 'bytes';
  const [name] = Object.entries(schemas).find(([, each]) => each === schema) ?? [];
  return name === undefined ? 'a list' : `\`${name}\``;
}

function successBody({ success }: Operation): string {
  if (success.body === 'none') return 'none';
  return schemaName(success.body);
}

function successText({ success }: Operation): string {
  const location = success.locationId === undefined ? '' : '; `Location` says where it is';
  return `${success.doc}${location}`;
}

function answerTable(
  answers: readonly { readonly status: number; readonly body: string; readonly when: string }[],
): readonly string[] {
  const bodyText = (body: string) => (body in bodies ? bodies[body as keyof typeof bodies] : body);
  return [
    '| status | body | when |',
    '| --- | --- | --- |',
    ...answers.map(({ status, body, when }) => `| ${status} | ${bodyText(body)} | ${when} |`),
  ];
}
