/**
 * What is described of the kinds that an installation consists of: the fields that kubectl, Helm
 * and people write, so that merging and ownership follow the real server's. Whatever else an object
 * has is kept as it is.
 */
import type { JsonSchema } from '../served-resource.ts';
import { anything, keyedList, metadataSchema, objectSchema } from './schema-words.ts';

type Fields = Readonly<Record<string, JsonSchema>>;

/** An object of which only these fields are described; everything else is kept as it is. */
function freeForm(fields: Fields): JsonSchema {
  return {
    ...objectSchema('Stored for installations; nothing acts on it here.', fields),
    'x-kubernetes-preserve-unknown-fields': true,
  };
}

/** Whatever somebody writes there. */
const free: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

function open(fields: Fields): JsonSchema {
  return { ...anything(''), properties: fields };
}

function plain(...names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, free]));
}

/** Known by `key`; a list of ports also by the protocol, which is TCP where nothing is said. */
function named(key: string, fields: Fields = {}): JsonSchema {
  return keyedList('', key, open({ [key]: free, ...fields }));
}

function ports(key: string, fields: Fields): JsonSchema {
  return {
    ...named(key, { protocol: { default: 'TCP' }, ...fields }),
    'x-kubernetes-list-map-keys': [key, 'protocol'],
  };
}

/** One value: whoever sets it owns all of it. */
const whole: JsonSchema = { ...anything(''), 'x-kubernetes-map-type': 'atomic' };

const source = open({ configMapKeyRef: whole, secretKeyRef: whole, fieldRef: whole });
const probe = open({
  httpGet: open(plain('path', 'port', 'scheme', 'host')),
  ...plain('initialDelaySeconds', 'periodSeconds', 'timeoutSeconds'),
  ...plain('successThreshold', 'failureThreshold'),
});

const container: Fields = {
  ...plain('image', 'imagePullPolicy', 'args', 'command'),
  env: named('name', { value: free, valueFrom: source }),
  ports: ports('containerPort', { name: free }),
  volumeMounts: named('mountPath', plain('name', 'readOnly', 'subPath')),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  resources: open({
    limits: open({ cpu: free, memory: free }),
    requests: open({ cpu: free, memory: free }),
  }),
  securityContext: open({
    ...plain('allowPrivilegeEscalation', 'readOnlyRootFilesystem'),
    capabilities: open(plain('add', 'drop')),
  }),
};

const podSpec = open({
  ...plain('enableServiceLinks', 'serviceAccountName', 'terminationGracePeriodSeconds'),
  containers: named('name', container),
  initContainers: named('name', container),
  volumes: named('name'),
  imagePullSecrets: named('name'),
  hostAliases: named('ip'),
  securityContext: open({
    ...plain('runAsGroup', 'runAsNonRoot', 'runAsUser', 'fsGroup'),
    seccompProfile: open(plain('type')),
  }),
});

const status = anything('');

export const podSchema = freeForm({ spec: podSpec, status });

export const deploymentSchema = freeForm({
  spec: open({
    replicas: free,
    selector: whole,
    template: open({ metadata: metadataSchema, spec: podSpec }),
  }),
  status,
});

export const serviceSchema = freeForm({
  spec: open({
    ...plain('clusterIP', 'type'),
    ports: ports('port', { name: free, targetPort: free }),
    selector: whole,
  }),
  status,
});

export const budgetSchema = freeForm({
  spec: open({ minAvailable: free, maxUnavailable: free, selector: whole }),
  status,
});

export const networkPolicySchema = freeForm({
  spec: open({ ...plain('policyTypes', 'ingress', 'egress'), podSelector: whole }),
});

export const roleSchema = freeForm({ rules: free });

export const bindingSchema = freeForm({ roleRef: whole, subjects: free });

export const accountSchema = freeForm({
  secrets: named('name'),
  automountServiceAccountToken: free,
});
