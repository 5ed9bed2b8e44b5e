/** Documents and orders as a kube-apiserver 1.37 gives them. */

import { describe, expect, test } from 'vitest';
import { compareVersions, discoveryDocument } from '../../../src/sandbox/kube-api/discovery.ts';
import type { ServedResource } from '../../../src/sandbox/kube-api/served-resource.ts';

const verbs = ['get', 'list'];

function aResource(changes: Partial<ServedResource> = {}): ServedResource {
  return {
    group: 'example.test',
    version: 'v1',
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
    shortNames: ['wd'],
    categories: ['all', 'vdk'],
    namespaced: true,
    verbs,
    subresources: { status: true },
    ...changes,
  };
}

const bare = { shortNames: [], categories: [], subresources: { status: false } };
const resources = [
  aResource({ ...bare, group: '', plural: 'secrets', singular: 'secret', kind: 'Secret' }),
  aResource({ ...bare, plural: 'gears', singular: 'gear', kind: 'Gear', namespaced: false }),
  aResource(),
  aResource({ version: 'v1beta1' }),
];

function answer(path: string, accept?: string) {
  return discoveryDocument({ path, accept, serverAddress: '127.0.0.1:6443', resources });
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

describe('the old form', () => {
  test('/api names the core version and the address', () => {
    expect(answer('/api')?.body).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    });
  });

  const group = {
    name: 'example.test',
    versions: [
      { groupVersion: 'example.test/v1', version: 'v1' },
      { groupVersion: 'example.test/v1beta1', version: 'v1beta1' },
    ],
    preferredVersion: { groupVersion: 'example.test/v1', version: 'v1' },
  };

  test('/apis lists the groups, each with its preferred version', () => {
    expect(answer('/apis')?.body).toEqual({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: [group],
    });
    expect(answer('/apis/example.test')?.body).toEqual({
      kind: 'APIGroup',
      apiVersion: 'v1',
      ...group,
    });
  });

  test('a group version lists kinds by name, and their subresources', () => {
    expect(answer('/apis/example.test/v1')?.body).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'example.test/v1',
      resources: [
        { name: 'gears', singularName: 'gear', namespaced: false, kind: 'Gear', verbs },
        {
          name: 'widgets',
          singularName: 'widget',
          namespaced: true,
          kind: 'Widget',
          verbs,
          shortNames: ['wd'],
          categories: ['all', 'vdk'],
        },
        {
          name: 'widgets/status',
          singularName: '',
          namespaced: true,
          kind: 'Widget',
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
    expect(answer('/api/v1')?.body).toMatchObject({
      groupVersion: 'v1',
      resources: [{ name: 'secrets' }],
    });
  });

  test('a scalable kind has a scale of another group', () => {
    const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
    const document = discoveryDocument({
      path: '/apis/example.test/v1',
      accept: undefined,
      serverAddress: '',
      resources: [aResource({ subresources: { status: false, scale } })],
    });
    expect(document?.body).toMatchObject({
      resources: [
        {},
        { name: 'widgets/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' },
      ],
    });
  });
});

describe('the aggregated form', () => {
  test('says everything about all groups in one document of its own type', () => {
    const document = answer('/apis', aggregated);
    expect(document?.contentType).toBe(aggregated);
    const responseKind = { group: 'example.test', version: 'v1', kind: 'Widget' };
    expect(document?.body).toMatchObject({
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      items: [
        {
          metadata: { name: 'example.test' },
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                { resource: 'gears', scope: 'Cluster' },
                {
                  resource: 'widgets',
                  responseKind,
                  scope: 'Namespaced',
                  singularResource: 'widget',
                  verbs,
                  shortNames: ['wd'],
                  categories: ['all', 'vdk'],
                  subresources: [
                    { subresource: 'status', responseKind, verbs: ['get', 'patch', 'update'] },
                  ],
                },
              ],
            },
            { version: 'v1beta1' },
          ],
        },
      ],
    });
  });

  test('of the core group has no name', () => {
    expect(answer('/api', aggregated)?.body).toMatchObject({ items: [{ metadata: {} }] });
  });

  const accepts = [
    { accept: `${aggregated},application/json`, want: aggregated, why: 'kubectl of today' },
    {
      accept: `${aggregated.replace('v=v2', 'v=v2beta1')},${aggregated}`,
      want: aggregated,
      why: 'an older form that is not offered comes first',
    },
    { accept: `application/json,${aggregated}`, want: 'application/json', why: 'plain is wanted' },
    { accept: 'application/json, */*', want: 'application/json', why: 'curl and old clients' },
    { accept: undefined, want: 'application/json', why: 'no header at all' },
  ];
  test.each(accepts)('is a matter of the Accept header: $why', ({ accept, want }) => {
    expect(answer('/apis', accept)?.contentType).toBe(want);
  });
});

const strangers = [
  { path: '/apis/nope', why: 'a group that is not served' },
  { path: '/apis/example.test/v9', why: 'a version that is not served' },
  { path: '/api/v2', why: 'no such core version' },
  { path: '/apis/example.test/v1/widgets', why: 'objects are not discovery' },
  { path: '/version', why: 'another document' },
];
test.each(strangers)('$path is not answered here: $why', ({ path }) => {
  expect(answer(path)).toBeUndefined();
});

test('versions are ordered by stability, then by number, then by name', () => {
  const order = ['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1beta1', 'v1alpha1', 'bar', 'foo'];
  expect(order.toReversed().sort(compareVersions)).toEqual(order);
});
