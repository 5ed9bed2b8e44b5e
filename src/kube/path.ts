/** Where objects live in the API: paths and queries of requests, and how a person reads them. */
import { keyOf, type ObjectName, type ResourceType } from './object.ts';

/** `group/version`, or the version alone for the core group. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The path of all objects of a type, in one namespace or (undefined) in all. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const root = type.group === '' ? '/api' : '/apis';
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${apiVersionOf(type)}${within}/${type.plural}`;
}

export function objectPath(type: ResourceType, name: ObjectName, subresource?: string): string {
  const path = `${collectionPath(type, name.namespace)}/${encodeURIComponent(name.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

type QueryValue = string | number | boolean | undefined;

/** `?a=b&c=d` without what is undefined; empty when nothing is left. */
export function queryOf(values: Readonly<Record<string, QueryValue>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}

/** `widgets.example.com`, as kubectl and the API server's own messages name a type. */
export function resourceName(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** "patch widgets.example.com team-a/one": how errors name a request for one object. */
export function requestName(verb: string, type: ResourceType, name: ObjectName): string {
  return `${verb} ${resourceName(type)} ${keyOf(name)}`;
}
