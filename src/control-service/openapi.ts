/**
 * The contract as an OpenAPI 3.0 document. Paths, parameters, schemas and operation ids are those
 * of the service's own document; answers are those that it really gives, and a null is allowed
 * wherever it sends one.
 */
import { z } from 'zod';
import { type AnswerOfAnyCall, answersOfAnyCall } from './contract/errors-of-any-call.ts';
import type { Operation, QueryParameter, RequestBody } from './contract/operation.ts';
import { tags } from './contract/operation.ts';
import { errorSchemas, requiredInDocument, schemas } from './contract/schemas.ts';
import { operationIds, operationOf, pathParameters } from './contract.ts';

type Json = Readonly<Record<string, unknown>>;

export function openApiDocument(): Json {
  const toJson = jsonSchemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const id of operationIds) {
    const operation = operationOf(id);
    const methods = paths[operation.path] ?? {};
    methods[operation.method.toLowerCase()] = operationObject(id, operation, toJson);
    paths[operation.path] = methods;
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'VDK Data Jobs API',
      version: '1.0',
      description:
        'The HTTP API of the Versatile Data Kit Control Service as it really answers, described ' +
        'by datajob-operator.',
      license: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: 'http://localhost:8092', description: 'The usual port' }],
    security: [{ bearerAuth: [] }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: toJson.components,
    },
  };
}

interface JsonSchemas {
  readonly components: Readonly<Record<string, unknown>>;
  /** A reference for a schema with a name, else the schema itself. */
  of(schema: z.ZodType): unknown;
}

/** Converts all schemas at once, so that those with a name refer to each other by it. */
function jsonSchemas(): JsonSchemas {
  const named = { ...schemas, ...errorSchemas };
  const names = new Map<z.ZodType, string>();
  const registry = z.registry<{ id: string }>();
  const add = (schema: z.ZodType, id: string) => {
    if (names.has(schema)) return;
    names.set(schema, id);
    registry.add(schema, { id });
  };
  for (const [id, schema] of Object.entries(named)) add(schema, id);
  for (const schema of operationIds.flatMap((id) => inlineSchemas(operationOf(id)))) {
    add(schema, `inline-${names.size}`);
  }
  const converted = z.toJSONSchema(registry, {
    target: 'openapi-3.0',
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  }).schemas as Readonly<Record<string, Record<string, unknown>>>;
  const bare = (id: string) => withoutId(converted[id] ?? {});
  return {
    components: Object.fromEntries(
      Object.keys(named).map((id) => [id, withRequired(id, bare(id))]),
    ),
    of(schema) {
      const id = names.get(schema) ?? '';
      return id in named ? { $ref: `#/components/schemas/${id}` } : bare(id);
    },
  };
}

function inlineSchemas({ query, request, success }: Operation): readonly z.ZodType[] {
  const all = [...Object.values(query).map(({ schema }) => schema), request?.schema, success.body];
  return all.filter((each): each is z.ZodType => typeof each === 'object');
}

function withoutId({ $id: _, ...schema }: Record<string, unknown>): Record<string, unknown> {
  return schema;
}

function withRequired(id: string, schema: Record<string, unknown>): unknown {
  const more = requiredInDocument[id] ?? [];
  if (more.length === 0) return schema;
  return { ...schema, required: [...((schema.required as string[] | undefined) ?? []), ...more] };
}

function operationObject(id: string, operation: Operation, toJson: JsonSchemas): Json {
  const { tag, summary, doc, path, query, request, open } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: doc,
    ...(open ? { security: [] } : {}),
    parameters: [
      ...pathParameters(path).map((name) => ({
        name,
        in: 'path',
        required: true,
        schema:
          name === 'deployment_id' ? toJson.of(schemas.DataJobDeploymentId) : { type: 'string' },
      })),
      ...Object.entries(query).map(([name, parameter]) => queryParameter(name, parameter, toJson)),
    ],
    ...(request === undefined ? {} : { requestBody: requestBody(request, toJson) }),
    responses: responses(operation, toJson),
  };
}

function queryParameter(
  name: string,
  { schema, doc, unusable }: QueryParameter,
  toJson: JsonSchemas,
) {
  return {
    name,
    in: 'query',
    required: false,
    description: unusable === undefined ? doc : `${doc}: ${unusable}`,
    ...(unusable === undefined ? {} : { deprecated: true }),
    schema: toJson.of(schema),
  };
}

const binary = { type: 'string', format: 'binary' };

function requestBody({ mediaType, schema, required }: RequestBody, toJson: JsonSchemas) {
  const content = { schema: schema === 'bytes' ? binary : toJson.of(schema) };
  return { required, content: { [mediaType]: content } };
}

function responses(operation: Operation, toJson: JsonSchemas): Json {
  const { success, errors } = operation;
  const answers: Record<string, unknown> = {
    [success.status]: {
      description: success.doc,
      ...(success.locationId === undefined
        ? {}
        : { headers: { Location: { description: 'Where it is', schema: { type: 'string' } } } }),
      ...successContent(success.body, toJson),
    },
  };
  const all = [...errors, ...answersOfAnyCall(operation)];
  for (const status of new Set(all.map((each) => each.status))) {
    answers[status] = errorResponse(
      all.filter((each) => each.status === status),
      toJson,
    );
  }
  return answers;
}

function successContent(body: Operation['success']['body'], toJson: JsonSchemas): Json {
  if (body === 'none') return {};
  if (body === 'bytes') return { content: { 'application/octet-stream': { schema: binary } } };
  return jsonContent(toJson.of(body));
}

/** One status can come in several shapes, and in one of them without a body. */
function errorResponse(answers: readonly AnswerOfAnyCall[], toJson: JsonSchemas): Json {
  const bodies = new Set(answers.map(({ body }) => body));
  const schemasOfBodies = [...bodies].flatMap((body) => errorSchema(body, toJson) ?? []);
  const content = {
    ...(schemasOfBodies.length === 0
      ? {}
      : {
          'application/json': {
            schema: schemasOfBodies.length === 1 ? schemasOfBodies[0] : { anyOf: schemasOfBodies },
          },
        }),
    ...(bodies.has('page') ? { 'text/html': { schema: { type: 'string' } } } : {}),
  };
  const hasContent = Object.keys(content).length > 0;
  return {
    description: [...new Set(answers.map(({ when }) => when))].join('; '),
    ...(hasContent ? { content } : {}),
    // OpenAPI has no words for "this body, or none".
    ...(hasContent && bodies.has('empty') ? { 'x-may-be-empty': true } : {}),
  };
}

function errorSchema(body: AnswerOfAnyCall['body'], toJson: JsonSchemas): unknown {
  switch (body) {
    case 'empty':
    case 'page':
      return undefined;
    case 'fourField':
      return toJson.of(errorSchemas.FourFieldError);
    case 'framework':
      return toJson.of(errorSchemas.FrameworkError);
    case 'query':
      return toJson.of(schemas.DataJobQueryResponseWithError);
  }
}

function jsonContent(schema: unknown): Json {
  return { content: { 'application/json': { schema } } };
}
