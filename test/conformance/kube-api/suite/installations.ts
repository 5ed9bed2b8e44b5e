/** The kinds that an installation consists of: Helm's chart and manifests are written with them. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../client.ts';
import { aNamespace, type ConformanceTarget, namesOf, type UseTarget } from '../target.ts';

const labels = { app: 'a' };
const rbac = 'rbac.authorization.k8s.io';
const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
const template = {
  metadata: { labels },
  spec: {
    serviceAccountName: 'a',
    containers: [
      {
        name: 'a',
        image: 'example.com/a:1',
        ports: [{ containerPort: 80, name: 'http' }],
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
      },
    ],
  },
};

interface Case {
  readonly kind: string;
  readonly group: string;
  readonly plural: string;
  readonly namespaced?: false;
  readonly body: Answer;
  /** What the server fills in, beside what was written. */
  readonly filled: Answer;
  /** Names of the columns that everybody sees. */
  readonly columns: readonly string[];
}

const role = { group: rbac, body: { rules }, filled: {}, columns: ['Name', 'Created At'] };
const roleRef = (kind: string) => ({ apiGroup: rbac, kind, name: 'a' });
const subjects = [{ kind: 'User', apiGroup: rbac, name: 'somebody' }];
const binding = { group: rbac, filled: {}, columns: ['Name', 'Role', 'Age'] };

const cases: readonly Case[] = [
  {
    kind: 'Deployment',
    group: 'apps',
    plural: 'deployments',
    body: { spec: { selector: { matchLabels: labels }, template } },
    filled: {
      metadata: { generation: 1 },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
        },
        template: {
          spec: {
            restartPolicy: 'Always',
            serviceAccount: 'a',
            securityContext: {},
            containers: [
              {
                imagePullPolicy: 'IfNotPresent',
                ports: [{ containerPort: 80, protocol: 'TCP' }],
                readinessProbe: { httpGet: { scheme: 'HTTP' }, timeoutSeconds: 1 },
              },
            ],
          },
        },
      },
      status: {},
    },
    columns: ['Name', 'Ready', 'Up-to-date', 'Available', 'Age'],
  },
  {
    kind: 'ReplicaSet',
    group: 'apps',
    plural: 'replicasets',
    body: { spec: { selector: { matchLabels: labels }, template } },
    filled: { metadata: { generation: 1 }, spec: { replicas: 1 }, status: { replicas: 0 } },
    columns: ['Name', 'Desired', 'Current', 'Ready', 'Age'],
  },
  {
    kind: 'Service',
    group: '',
    plural: 'services',
    body: { spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] } },
    filled: {
      spec: {
        type: 'ClusterIP',
        clusterIPs: ['None'],
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      },
      status: { loadBalancer: {} },
    },
    columns: ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age'],
  },
  {
    kind: 'ServiceAccount',
    group: '',
    plural: 'serviceaccounts',
    body: {},
    filled: {},
    columns: ['Name', 'Age'],
  },
  {
    kind: 'PodDisruptionBudget',
    group: 'policy',
    plural: 'poddisruptionbudgets',
    body: { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
    filled: {
      metadata: { generation: 1 },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    },
    columns: ['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions', 'Age'],
  },
  {
    kind: 'NetworkPolicy',
    group: 'networking.k8s.io',
    plural: 'networkpolicies',
    body: { spec: { podSelector: { matchLabels: labels }, egress: [{ ports: [{ port: 80 }] }] } },
    filled: {
      metadata: { generation: 1 },
      spec: { policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ protocol: 'TCP' }] }] },
    },
    columns: ['Name', 'Pod-Selector', 'Age'],
  },
  { kind: 'Role', plural: 'roles', ...role },
  { kind: 'ClusterRole', plural: 'clusterroles', namespaced: false, ...role },
  {
    kind: 'RoleBinding',
    plural: 'rolebindings',
    ...binding,
    body: { roleRef: roleRef('Role'), subjects },
  },
  {
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    ...binding,
    body: { roleRef: roleRef('ClusterRole'), subjects },
  },
];

export function installations(use: UseTarget): void {
  let target: ConformanceTarget;
  let ns: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
  });

  const pathOf = ({ group, plural, namespaced }: Case) => {
    const root = group === '' ? '/api/v1' : `/apis/${group}/v1`;
    return namespaced === false ? `${root}/${plural}` : `${root}/namespaces/${ns}/${plural}`;
  };
  const applied = ({ group, kind, body }: Case, name: string) => ({
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: { name, labels: { test: ns } },
    ...body,
  });

  describe.each(cases)('$kind', (each) => {
    test('is applied, filled in, applied again without a change, listed and deleted', async () => {
      const name = `${ns}-a`; // some live outside of namespaces
      const path = `${pathOf(each)}/${name}`;
      const send = () =>
        target.api.apply(`${path}?fieldManager=helm&force=false`, applied(each, name));
      const { status, body } = await send();
      expect(status, body.message).toBe(201);
      expect(body).toMatchObject(each.body);
      expect(body).toMatchObject(each.filled);
      const { operation, manager } = body.metadata.managedFields[0];
      expect([operation, manager]).toEqual(['Apply', 'helm']);
      const again = await send();
      expect([again.status, again.body]).toEqual([200, body]);
      const list = await target.api.get(`${pathOf(each)}?labelSelector=test%3D${ns}`);
      expect([list.body.kind, namesOf(list.body)]).toEqual([`${each.kind}List`, [name]]);
      expect((await target.api.delete(path)).status).toBe(200);
      expect((await target.api.get(path)).status).toBe(404);
    });

    test('is a table with its own columns', async () => {
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      const { body } = await target.api.get(`${pathOf(each)}?limit=1`, { accept });
      const seen = body.columnDefinitions.filter(({ priority }: Answer) => priority === 0);
      expect(seen.map(({ name }: Answer) => name)).toEqual(each.columns);
    });
  });

  const [deployment] = cases as [Case];

  test('ports are known by number and protocol together, selectors are one piece', async () => {
    const path = `${pathOf(deployment)}/a?fieldManager=one`;
    const { body } = await target.api.apply(path, applied(deployment, 'a'));
    const { 'f:spec': spec } = body.metadata.managedFields[0].fieldsV1;
    expect(spec['f:selector']).toEqual({});
    const containers = spec['f:template']['f:spec']['f:containers'];
    expect(Object.keys(containers['k:{"name":"a"}']['f:ports'])).toEqual([
      'k:{"containerPort":80,"protocol":"TCP"}',
    ]);
  });

  test("a deployment's status is written by its own path only", async () => {
    const path = `${pathOf(deployment)}/a`;
    await target.api.post(pathOf(deployment), applied(deployment, 'a'));
    const main = await target.api.patch(path, { status: { readyReplicas: 1 } });
    expect(main.body.status).toEqual({});
    const status = { replicas: 1, readyReplicas: 1, availableReplicas: 1 };
    const own = await target.api.patch(`${path}/status`, { status });
    expect(own.body.status).toEqual(status);
    expect(own.body.metadata.generation).toBe(1);
    const changed = await target.api.patch(path, { spec: { replicas: 3 } });
    expect([changed.body.status, changed.body.metadata.generation]).toEqual([status, 2]);
  });

  test('a strategic patch finds the container by its name', async () => {
    const path = `${pathOf(deployment)}/a`;
    await target.api.post(pathOf(deployment), applied(deployment, 'a'));
    const containers = [
      { name: 'a', image: 'example.com/a:latest' },
      { name: 'b', image: 'b' },
    ];
    const type = 'application/strategic-merge-patch+json';
    const body = { spec: { template: { spec: { containers } } } };
    const { body: patched } = await target.api.patch(path, body, type);
    const seen = patched.spec.template.spec.containers;
    expect(seen.map(({ name, image }: Answer) => [name, image])).toEqual([
      ['a', 'example.com/a:latest'],
      ['b', 'b'],
    ]);
    // What was filled in once stays; a new container pulls what has no tag.
    expect(seen[0]).toMatchObject({ imagePullPolicy: 'IfNotPresent', ports: [{ name: 'http' }] });
    expect(seen[1].imagePullPolicy).toBe('Always');
  });
}
