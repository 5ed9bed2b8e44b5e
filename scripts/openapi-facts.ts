/**
 * What of an OpenAPI document is fact and not wording: operations, parameters, bodies, statuses
 * and the names and types of fields. Two documents with the same facts describe the same API.
 */

export interface ApiFacts {
  /** By operation id. */
  readonly operations: Readonly<Record<string, OperationFacts>>;
  /** By name; a schema that is no object has its type instead of fields. */
  readonly schemas: Readonly<Record<string, SchemaFacts | string>>;
}

interface OperationFacts {
  readonly call: string;
  readonly tag: string;
  /** `query name` or `path name` → type, with `!` when required. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Media type → type, with `!` when required. */
  readonly body: Readonly<Record<string, string>>;
  /** Success status → type of its body; '' for none. */
  readonly answers: Readonly<Record<string, string>>;
  readonly errors: readonly string[];
}

interface SchemaFacts {
  readonly fields: Readonly<Record<string, string>>;
  readonly required: readonly string[];
}

type Node = { readonly [key: string]: unknown };

const methods = ['get', 'put', 'post', 'patch', 'delete'];

export function factsOf(document: unknown): ApiFacts {
  const root = document as Node;
  const operations: Record<string, OperationFacts> = {};
  for (const [path, item] of entries(root.paths)) {
    for (const [method, operation] of entries(item).filter(([name]) => methods.includes(name))) {
      operations[String(operation.operationId)] = {
        call: `${method.toUpperCase()} ${path}`,
        tag: list(operation.tags).map(String).join(),
        ...operationFacts(root, item, operation),
      };
    }
  }
  const schemas = entries((root.components as Node).schemas).map(([name, schema]) => [
    name,
    schemaFacts(schema),
  ]);
  return { operations: sorted(operations), schemas: sorted(Object.fromEntries(schemas)) };
}

function operationFacts(root: Node, item: Node, operation: Node) {
  const parameters: Record<string, string> = {};
  for (const parameter of [...list(item.parameters), ...list(operation.parameters)] as Node[]) {
    const required = parameter.required === true ? '!' : '';
    parameters[`${parameter.in} ${parameter.name}`] = typeOf(parameter.schema) + required;
  }
  const request = operation.requestBody as Node | undefined;
  const answers: Record<string, string> = {};
  const errors: string[] = [];
  for (const [status, answer] of entries(operation.responses)) {
    if (status.startsWith('2')) {
      answers[status] = Object.values(contentTypes(resolved(root, answer))).join();
    } else {
      errors.push(status);
    }
  }
  return {
    parameters: sorted(parameters),
    body: request === undefined ? {} : contentTypes(request, request.required === true ? '!' : ''),
    answers,
    errors: errors.sort(),
  };
}

function schemaFacts(schema: Node): SchemaFacts | string {
  if (entries(schema.properties).length === 0) return typeOf(schema);
  const fields = entries(schema.properties).map(([name, field]) => [name, typeOf(field)]);
  return {
    fields: sorted(Object.fromEntries(fields)),
    required: list(schema.required).map(String).sort(),
  };
}

function contentTypes(holder: Node, mark = ''): Record<string, string> {
  const content = entries(holder.content);
  return Object.fromEntries(content.map(([type, { schema }]) => [type, typeOf(schema) + mark]));
}

/** One word for a type, whatever else the document says about it. */
function typeOf(schema: unknown): string {
  const { $ref, allOf, type, format, items, enum: words } = schema as Node;
  if (typeof $ref === 'string') return $ref.replace(/.*\//, '');
  if (Array.isArray(allOf) && allOf.length === 1) return typeOf(allOf[0]);
  if (type === 'array') return `${typeOf(items)}[]`;
  if (Array.isArray(words)) return words.map(String).join('|');
  return typeof format === 'string' ? `${String(type)} ${format}` : String(type);
}

function resolved(root: Node, node: Node): Node {
  const { $ref } = node;
  if (typeof $ref !== 'string') return node;
  let at: unknown = root;
  for (const key of $ref.replace('#/', '').split('/')) at = (at as Node)[key];
  return at as Node;
}

function entries(node: unknown): [string, Node][] {
  return Object.entries((node ?? {}) as Record<string, Node>);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
