/** The columns of the kinds that an installation consists of, as the API server prints them. */

import { isObject, type JsonObject } from './schema/json-value.ts';
import { ageColumn, at, type Column, column, nameColumn, wide } from './table-column.ts';

const none = '<none>';

const createdColumn: Column = {
  ...column(
    'Created At',
    'When it was created.',
    (object) => at(object, 'metadata', 'creationTimestamp') ?? null,
  ),
  type: 'date',
};

const deploymentColumns: readonly Column[] = [
  nameColumn,
  column('Ready', 'Pods that are ready, of those that are wanted.', (deployment) => {
    return `${numberAt(deployment, 'status', 'readyReplicas')}/${numberAt(deployment, 'spec', 'replicas')}`;
  }),
  count('Up-to-date', 'Pods of the newest template.', 'updatedReplicas'),
  count('Available', 'Pods that have been ready for long enough.', 'availableReplicas'),
  ageColumn,
  wide('Containers', 'Their names.', (deployment) => ofContainers(deployment, 'name')),
  wide('Images', 'Their images.', (deployment) => ofContainers(deployment, 'image')),
  wide('Selector', 'Which pods it counts.', (deployment) =>
    selectorText(at(deployment, 'spec', 'selector')),
  ),
];

const setColumns: readonly Column[] = [
  nameColumn,
  {
    ...column('Desired', 'Pods that are wanted.', (set) => numberAt(set, 'spec', 'replicas')),
    type: 'integer',
  },
  count('Current', 'Pods that are there.', 'replicas'),
  count('Ready', 'Pods that are ready.', 'readyReplicas'),
  ageColumn,
];

const serviceColumns: readonly Column[] = [
  nameColumn,
  column('Type', 'How it is reached.', (service) => at(service, 'spec', 'type') ?? ''),
  column('Cluster-IP', 'Its address.', (service) => at(service, 'spec', 'clusterIP') ?? none),
  column('External-IP', 'Addresses from outside.', (service) => {
    const addresses = listAt(service, 'spec', 'externalIPs');
    return addresses.length > 0 ? addresses.join(',') : none;
  }),
  column('Port(s)', 'Its ports.', (service) => {
    const ports = listAt(service, 'spec', 'ports');
    const texts = ports.map((port) => `${at(port, 'port')}/${at(port, 'protocol')}`);
    return texts.length > 0 ? texts.join(',') : none;
  }),
  ageColumn,
  wide('Selector', 'Which pods it leads to.', (service) =>
    pairsOf(at(service, 'spec', 'selector')),
  ),
];

const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', 'Containers that are ready, of all.', (pod) => {
    return `0/${listAt(pod, 'spec', 'containers').length}`; // nothing runs here
  }),
  column('Status', 'What it does.', (pod) => at(pod, 'status', 'phase') ?? 'Pending'),
  column('Restarts', 'How often containers were started again.', () => '0'),
  ageColumn,
];

const budgetColumns: readonly Column[] = [
  nameColumn,
  column('Min Available', 'Pods that must stay.', (budget) => limit(budget, 'minAvailable')),
  column('Max Unavailable', 'Pods that may be away.', (budget) => limit(budget, 'maxUnavailable')),
  count('Allowed Disruptions', 'Pods that may go now.', 'disruptionsAllowed'),
  ageColumn,
];

const roleColumns: readonly Column[] = [nameColumn, createdColumn];

const bindingColumns: readonly Column[] = [
  nameColumn,
  column('Role', 'The role that is given.', (binding) => {
    return `${at(binding, 'roleRef', 'kind')}/${at(binding, 'roleRef', 'name')}`;
  }),
  ageColumn,
  wide('Users', 'Users who get it.', (binding) => subjects(binding, 'User')),
  wide('Groups', 'Groups that get it.', (binding) => subjects(binding, 'Group')),
  wide('ServiceAccounts', 'Accounts that get it.', (binding) =>
    subjects(binding, 'ServiceAccount'),
  ),
];

const policyColumns: readonly Column[] = [
  nameColumn,
  column('Pod-Selector', 'Which pods it is for.', (policy) =>
    selectorText(at(policy, 'spec', 'podSelector')),
  ),
  ageColumn,
];

const rbac = 'rbac.authorization.k8s.io';

/** By group and kind. */
export const workloadColumns: readonly (readonly [string, readonly Column[]])[] = [
  ['/ServiceAccount', [nameColumn, ageColumn]],
  ['/Service', serviceColumns],
  ['/Pod', podColumns],
  ['apps/Deployment', deploymentColumns],
  ['apps/ReplicaSet', setColumns],
  ['policy/PodDisruptionBudget', budgetColumns],
  ['networking.k8s.io/NetworkPolicy', policyColumns],
  [`${rbac}/Role`, roleColumns],
  [`${rbac}/ClusterRole`, roleColumns],
  [`${rbac}/RoleBinding`, bindingColumns],
  [`${rbac}/ClusterRoleBinding`, bindingColumns],
];

function count(name: string, description: string, field: string): Column {
  const cell = (object: JsonObject) => numberAt(object, 'status', field);
  return { ...column(name, description, cell), type: 'integer' };
}

function numberAt(object: JsonObject, ...path: readonly string[]): number {
  const value = at(object, ...path);
  return typeof value === 'number' ? value : 0;
}

function listAt(object: JsonObject, ...path: readonly string[]): readonly unknown[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value : [];
}

function limit(budget: JsonObject, field: string): string {
  return String(at(budget, 'spec', field) ?? 'N/A');
}

function ofContainers(deployment: JsonObject, field: string): string {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  return containers.map((container) => at(container, field)).join(',');
}

function selectorText(selector: unknown): string {
  return pairsOf(at(selector, 'matchLabels'));
}

function pairsOf(labels: unknown): string {
  if (!isObject(labels) || Object.keys(labels).length === 0) return none;
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');
}

function subjects(binding: JsonObject, kind: string): string {
  return listAt(binding, 'subjects')
    .filter((subject) => at(subject, 'kind') === kind)
    .map((subject) => {
      const [namespace, name] = [at(subject, 'namespace'), at(subject, 'name')];
      return namespace ? `${namespace}/${name}` : name;
    })
    .join(', ');
}
