/**
 * What a request's path and method mean in the Kubernetes API: which resource, which object, which
 * verb. Pure; unknown paths give undefined and are answered elsewhere (discovery, health, 404).
 */

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection';

export interface RequestInfo {
  /** Undefined when the method means nothing for this path. */
  readonly verb: Verb | undefined;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Undefined for a cluster-scoped path. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** The parts of `/api/v1/…` or `/apis/G/V/…`; undefined for every path that names no resource. */
export function requestInfo(method: string, url: URL): RequestInfo | undefined {
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const group = core ? '' : parts[1];
  const version = parts[core ? 1 : 2];
  let rest = parts.slice(core ? 2 : 3);
  if (rest.at(-1) === '') rest = rest.slice(0, -1);
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  // The deprecated watch prefix: the same as ?watch=true.
  const watchPath = rest[0] === 'watch' && rest.length > 1;
  if (watchPath) rest = rest.slice(1);
  const target = targetOf(rest);
  if (target === undefined) return undefined;
  // With a name in the path, the query means nothing: it is a get.
  const asked = isTrue(url.searchParams.get('watch')) && target.name === undefined;
  const watching = watchPath || asked;
  return { verb: verbOf(method, target.name !== undefined, watching), group, version, ...target };
}

type Target = Pick<RequestInfo, 'plural' | 'namespace' | 'name' | 'subresource'>;

/** Subresources of namespaces themselves, which share their paths with namespaced resources. */
const namespaceSubresources: readonly string[] = ['status', 'finalize'];

function targetOf(parts: readonly string[]): Target | undefined {
  const [first, second, third] = parts;
  const inNamespace =
    first === 'namespaces' && third !== undefined && !namespaceSubresources.includes(third);
  const [plural, name, subresource, more] = inNamespace ? parts.slice(2) : parts;
  if (plural === undefined || plural === '' || more !== undefined) return undefined;
  return {
    plural,
    ...(inNamespace && second !== undefined ? { namespace: second } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function verbOf(method: string, named: boolean, watching: boolean): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watching) return 'watch';
      return named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return named ? 'update' : undefined;
    case 'PATCH':
      return named ? 'patch' : undefined;
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

/** A boolean query parameter as the real server reads it: present and not a word for false. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0', 'f', 'F', 'FALSE', 'False'].includes(value);
}
