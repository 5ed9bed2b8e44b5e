/**
 * Discovery: which groups, versions and kinds the server has, in the two forms that clients ask
 * for. The aggregated one answers `/api` and `/apis` in one document each; the old one needs a
 * request per group. Pure: made from the served resources on every request.
 */

import type { ServedResource } from './served-resource.ts';

export interface DiscoveryRequest {
  /** Without the query. */
  readonly path: string;
  /** The Accept header, if there was one. */
  readonly accept: string | undefined;
  /** `host:port` of this server, which old clients may use to come back. */
  readonly serverAddress: string;
  readonly resources: readonly ServedResource[];
}

export interface Document {
  readonly contentType: string;
  readonly body: object;
}

/** Undefined when the path is none of discovery, or names a group that is not served. */
export function discoveryDocument(request: DiscoveryRequest): Document | undefined {
  const { accept, resources, serverAddress } = request;
  const [root, group, version, ...rest] = request.path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return undefined;
  const core = resources.filter((each) => each.group === '');
  const grouped = resources.filter((each) => each.group !== '');
  if (root === 'api' && version === undefined) {
    if (group === undefined) {
      return wantsAggregated(accept) ? aggregated(core) : plain(coreVersions(core, serverAddress));
    }
    return resourceList(core, '', group);
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) {
    return wantsAggregated(accept) ? aggregated(grouped) : plain(groupList(grouped));
  }
  const ofGroup = grouped.filter((each) => each.group === group);
  if (version !== undefined) return resourceList(ofGroup, group, version);
  return ofGroup.length === 0
    ? undefined
    : plain({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, ofGroup) });
}

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Clients list what they read in order; one that puts plain JSON first wants that. */
function wantsAggregated(accept: string | undefined): boolean {
  const wanted = (accept ?? '').split(',').map((each) => each.replaceAll(/\s/g, ''));
  const first = wanted.find((each) => each === aggregatedType || isPlainJson(each));
  return first === aggregatedType;
}

function isPlainJson(mediaType: string): boolean {
  const [type, ...parameters] = mediaType.split(';');
  const known = type === 'application/json' || type === '*/*' || type === 'application/*';
  return known && parameters.every((each) => each.startsWith('q='));
}

function plain(body: object): Document {
  return { contentType: 'application/json', body };
}

function coreVersions(core: readonly ServedResource[], serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: versionsOf(core),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function groupList(grouped: readonly ServedResource[]): object {
  const groups = [...byGroup(grouped)].map(([group, resources]) => groupOf(group, resources));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function groupOf(group: string, resources: readonly ServedResource[]): object {
  const versions = versionsOf(resources).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function byGroup(resources: readonly ServedResource[]): ReadonlyMap<string, ServedResource[]> {
  return Map.groupBy(resources, ({ group }) => group);
}

/** The preferred one first: stable before beta before alpha, then the higher number. */
function versionsOf(resources: readonly ServedResource[]): readonly string[] {
  return [...new Set(resources.map(({ version }) => version))].sort(compareVersions);
}

export function compareVersions(a: string, b: string): number {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  for (let i = 0; i < rankA.length; i++) {
    const difference = (rankB[i] ?? 0) - (rankA[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

function rankOf(version: string): readonly number[] {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  const stability = stage === undefined ? 3 : stage === 'beta' ? 2 : 1;
  return [stability, Number(major), Number(minor ?? 0)];
}

function resourceList(
  resources: readonly ServedResource[],
  group: string,
  version: string,
): Document | undefined {
  const served = resources.filter((each) => each.version === version);
  if (served.length === 0) return undefined;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  const list = served.toSorted(byPlural).flatMap(resourceEntries);
  return plain({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: list });
}

function byPlural(a: ServedResource, b: ServedResource): number {
  return a.plural < b.plural ? -1 : 1;
}

const subresourceVerbs = ['get', 'patch', 'update'];

function resourceEntries(resource: ServedResource): readonly object[] {
  const { plural, singular, namespaced, kind, verbs, subresources } = resource;
  const entries: object[] = [
    { name: plural, singularName: singular, namespaced, kind, verbs, ...namesOf(resource) },
  ];
  const below = { singularName: '', namespaced, verbs: subresourceVerbs };
  if (subresources.status) entries.push({ name: `${plural}/status`, kind, ...below });
  if (subresources.scale) {
    entries.push({
      name: `${plural}/scale`,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      ...below,
    });
  }
  return entries;
}

/** Empty lists are left out, as the real server does. */
function namesOf({ shortNames, categories }: ServedResource): object {
  return {
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
}

function aggregated(resources: readonly ServedResource[]): Document {
  const items = [...byGroup(resources)].map(([group, ofGroup]) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versionsOf(ofGroup).map((version) => ({
      version,
      resources: ofGroup
        .filter((each) => each.version === version)
        .toSorted(byPlural)
        .map(aggregatedEntry),
      freshness: 'Current',
    })),
  }));
  const body = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items,
  };
  return { contentType: aggregatedType, body };
}

function aggregatedEntry(resource: ServedResource): object {
  const { group, version, kind, plural, singular, namespaced, verbs } = resource;
  const { status, scale } = resource.subresources;
  const responseKind = { group, version, kind };
  const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  const below = [
    ...(scale ? [{ subresource: 'scale', responseKind: scaleKind, verbs: subresourceVerbs }] : []),
    ...(status ? [{ subresource: 'status', responseKind, verbs: subresourceVerbs }] : []),
  ];
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...namesOf(resource),
    ...(below.length > 0 ? { subresources: below } : {}),
  };
}
