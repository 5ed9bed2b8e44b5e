/**
 * The kinds that an installation of the operator consists of (Helm's chart, manifests): stored and
 * served like the others, but nothing runs and nothing is enforced.
 */
import type { Kind } from '../kind.ts';
import { type BuiltinRules, builtinKind } from './builtin-kind.ts';
import {
  deploymentWithDefaults,
  networkPolicyWithDefaults,
  podWithDefaults,
  replicaSetWithDefaults,
  serviceWithDefaults,
} from './workload-defaults.ts';
import {
  accountSchema,
  bindingSchema,
  budgetSchema,
  deploymentSchema,
  networkPolicySchema,
  podSchema,
  roleSchema,
  serviceSchema,
} from './workload-schema.ts';

export function workloadKinds(): readonly Kind[] {
  const rbac = 'rbac.authorization.k8s.io';
  const role = { schema: roleSchema, nameRule: 'path' } as const;
  const binding = { schema: bindingSchema, nameRule: 'path' } as const;
  return [
    kindOf('', 'serviceaccounts', 'ServiceAccount', { schema: accountSchema, shortNames: ['sa'] }),
    kindOf('', 'services', 'Service', services),
    kindOf('', 'pods', 'Pod', pods),
    kindOf('apps', 'deployments', 'Deployment', deployments),
    // Nothing makes one here, but who waits for a Deployment looks for its sets.
    kindOf('apps', 'replicasets', 'ReplicaSet', replicaSets),
    kindOf(rbac, 'roles', 'Role', role),
    kindOf(rbac, 'rolebindings', 'RoleBinding', binding),
    kindOf(rbac, 'clusterroles', 'ClusterRole', { ...role, clusterScoped: true }),
    kindOf(rbac, 'clusterrolebindings', 'ClusterRoleBinding', { ...binding, clusterScoped: true }),
    kindOf('networking.k8s.io', 'networkpolicies', 'NetworkPolicy', {
      schema: networkPolicySchema,
      withDefaults: networkPolicyWithDefaults,
      shortNames: ['netpol'],
      hasGeneration: true,
    }),
    kindOf('policy', 'poddisruptionbudgets', 'PodDisruptionBudget', budgets),
  ];
}

type Rules = Omit<BuiltinRules, 'group' | 'version' | 'plural' | 'kind'>;

function kindOf(group: string, plural: string, kind: string, rules: Rules): Kind {
  return builtinKind({ group, version: 'v1', plural, kind, ...rules });
}

/** Written by its own path only; until then it says what nobody has looked at yet. */
function withStatus(first: Readonly<Record<string, unknown>>): Pick<Rules, 'status' | 'prepare'> {
  return {
    status: true,
    prepare: (next, old) => ({ ...next, status: old?.status ?? first }),
  };
}

const pods: Rules = {
  ...withStatus({ phase: 'Pending' }),
  schema: podSchema,
  shortNames: ['po'],
  categories: ['all'],
  withDefaults: podWithDefaults,
};

const deployments: Rules = {
  ...withStatus({}),
  schema: deploymentSchema,
  shortNames: ['deploy'],
  categories: ['all'],
  hasGeneration: true,
  withDefaults: deploymentWithDefaults,
};

const replicaSets: Rules = {
  ...withStatus({ replicas: 0 }),
  schema: deploymentSchema,
  shortNames: ['rs'],
  categories: ['all'],
  hasGeneration: true,
  withDefaults: replicaSetWithDefaults,
};

const services: Rules = {
  ...withStatus({ loadBalancer: {} }),
  schema: serviceSchema,
  shortNames: ['svc'],
  categories: ['all'],
  withDefaults: serviceWithDefaults,
};

const budgets: Rules = {
  ...withStatus({ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }),
  schema: budgetSchema,
  shortNames: ['pdb'],
  hasGeneration: true,
};
