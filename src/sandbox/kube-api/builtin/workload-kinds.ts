/**
 * The kinds that an installation of the operator consists of (Helm's chart, manifests): stored and
 * served like the others, but nothing runs and nothing is enforced. Of their schemas only what
 * merging needs is here: which lists have keys.
 */
import { asMap } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { JsonSchema } from '../served-resource.ts';
import { type BuiltinRules, builtinKind } from './builtin-kind.ts';
import { anything, keyedList, objectSchema } from './schema-words.ts';

export function workloadKinds(): readonly Kind[] {
  const rbac = 'rbac.authorization.k8s.io';
  return [
    plain('', 'serviceaccounts', 'ServiceAccount', { shortNames: ['sa'] }),
    plain('', 'services', 'Service', { ...services, shortNames: ['svc'], categories: ['all'] }),
    plain('', 'pods', 'Pod', { ...pods, shortNames: ['po'], categories: ['all'] }),
    plain('apps', 'deployments', 'Deployment', {
      ...deployments,
      shortNames: ['deploy'],
      categories: ['all'],
      hasGeneration: true,
    }),
    plain(rbac, 'roles', 'Role', { nameRule: 'path' }),
    plain(rbac, 'rolebindings', 'RoleBinding', { nameRule: 'path' }),
    plain(rbac, 'clusterroles', 'ClusterRole', { nameRule: 'path', clusterScoped: true }),
    plain(rbac, 'clusterrolebindings', 'ClusterRoleBinding', {
      nameRule: 'path',
      clusterScoped: true,
    }),
    plain('networking.k8s.io', 'networkpolicies', 'NetworkPolicy', { shortNames: ['netpol'] }),
    plain('policy', 'poddisruptionbudgets', 'PodDisruptionBudget', {
      shortNames: ['pdb'],
      status: true,
      hasGeneration: true,
    }),
  ];
}

function plain(group: string, plural: string, kind: string, more: Partial<BuiltinRules>): Kind {
  const schema = more.schema ?? freeForm({});
  return builtinKind({ group, version: 'v1', plural, kind, ...more, schema });
}

type Fields = Readonly<Record<string, JsonSchema>>;

/** An object of which only these fields are described; everything else is kept as it is. */
function freeForm(fields: Fields): JsonSchema {
  return {
    ...objectSchema('Stored for installations; nothing acts on it here.', fields),
    'x-kubernetes-preserve-unknown-fields': true,
  };
}

function open(fields: Fields): JsonSchema {
  return { ...anything(''), properties: fields };
}

function named(key: string, fields: Fields = {}): JsonSchema {
  return keyedList('', key, open({ [key]: {}, ...fields }));
}

const container: Fields = {
  env: named('name'),
  ports: named('containerPort'),
  volumeMounts: named('mountPath'),
};

const podSpec = open({
  containers: named('name', container),
  initContainers: named('name', container),
  volumes: named('name'),
  imagePullSecrets: named('name'),
  hostAliases: named('ip'),
});

const pods = { status: true, schema: freeForm({ spec: podSpec, status: anything('') }) };

const deployments = {
  status: true,
  schema: freeForm({
    spec: open({ template: open({ spec: podSpec }) }),
    status: anything(''),
  }),
  prepare: ((next, old) => {
    const status = old?.status ?? {};
    return { ...next, spec: { replicas: 1, ...asMap(next.spec) }, status };
  }) satisfies BuiltinRules['prepare'],
};

const services = {
  status: true,
  schema: freeForm({ spec: open({ ports: named('port') }), status: anything('') }),
};
