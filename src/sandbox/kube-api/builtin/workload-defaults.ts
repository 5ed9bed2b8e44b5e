/**
 * What the real server fills into the kinds that an installation consists of, as far as people see
 * it in what they read back. Pure, and doing it twice changes nothing.
 */
import { type ApiObject, asList, asMap, type JsonMap } from '../json.ts';
import { isObject } from '../schema/json-value.ts';

export function deploymentWithDefaults(deployment: ApiObject): ApiObject {
  const { spec, ...rest } = replicaSetWithDefaults(deployment);
  const { strategy, ...others } = asMap(spec);
  return {
    ...rest,
    spec: {
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...others,
      strategy: strategyOf(asMap(strategy)),
    },
  };
}

export function replicaSetWithDefaults(set: ApiObject): ApiObject {
  const spec = asMap(set.spec);
  const template = asMap(spec.template);
  return {
    ...set,
    spec: {
      replicas: 1,
      ...spec,
      template: { ...template, spec: podSpecWithDefaults(asMap(template.spec)) },
    },
  };
}

export function podWithDefaults(pod: ApiObject): ApiObject {
  return { ...pod, spec: podSpecWithDefaults(asMap(pod.spec)) };
}

/** Every service here has an address of one family, as in most clusters. */
export function serviceWithDefaults(service: ApiObject): ApiObject {
  const spec = asMap(service.spec);
  const { clusterIP } = spec;
  return {
    ...service,
    spec: {
      ...(clusterIP === undefined ? {} : { clusterIPs: [clusterIP] }),
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      type: 'ClusterIP',
      ...spec,
      ...changed(spec, 'ports', (port) => ({
        protocol: 'TCP',
        targetPort: port.port,
        ...port,
      })),
    },
  };
}

export function networkPolicyWithDefaults(policy: ApiObject): ApiObject {
  const spec = asMap(policy.spec);
  const policyTypes = ['Ingress', ...(spec.egress === undefined ? [] : ['Egress'])];
  const withProtocols = (rule: JsonMap) => ({ ...rule, ...changed(rule, 'ports', withProtocol) });
  return {
    ...policy,
    spec: {
      policyTypes,
      ...spec,
      ...changed(spec, 'ingress', withProtocols),
      ...changed(spec, 'egress', withProtocols),
    },
  };
}

function withProtocol(port: JsonMap): JsonMap {
  return { protocol: 'TCP', ...port };
}

function strategyOf(strategy: JsonMap): JsonMap {
  if (strategy.type === 'Recreate') return strategy;
  const rollingUpdate = {
    maxSurge: '25%',
    maxUnavailable: '25%',
    ...asMap(strategy.rollingUpdate),
  };
  return { type: 'RollingUpdate', ...strategy, rollingUpdate };
}

function podSpecWithDefaults(spec: JsonMap): JsonMap {
  const { serviceAccountName, serviceAccount = serviceAccountName } = spec;
  return {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(serviceAccount === undefined
      ? {}
      : { serviceAccount, serviceAccountName: serviceAccountName ?? serviceAccount }),
    ...changed(spec, 'containers', containerWithDefaults),
    ...changed(spec, 'initContainers', containerWithDefaults),
    ...changed(spec, 'volumes', volumeWithDefaults),
  };
}

function containerWithDefaults(container: JsonMap): JsonMap {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
  const found = probes.filter((name) => isObject(container[name]));
  return {
    imagePullPolicy: /:(?!latest$)[^/]+$/.test(String(container.image)) ? 'IfNotPresent' : 'Always',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...changed(container, 'ports', withProtocol),
    ...changed(container, 'env', environmentWithDefaults),
    ...Object.fromEntries(found.map((name) => [name, probeWithDefaults(asMap(container[name]))])),
  };
}

function environmentWithDefaults(entry: JsonMap): JsonMap {
  const { valueFrom } = entry;
  if (!isObject(valueFrom) || !isObject(valueFrom.fieldRef)) return entry;
  return { ...entry, valueFrom: { fieldRef: { apiVersion: 'v1', ...valueFrom.fieldRef } } };
}

function probeWithDefaults(probe: JsonMap): JsonMap {
  return {
    failureThreshold: 3,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
    ...probe,
    ...(isObject(probe.httpGet) ? { httpGet: { scheme: 'HTTP', ...probe.httpGet } } : {}),
  };
}

/** Readable by all (0644), where a volume is made of files. */
function volumeWithDefaults(volume: JsonMap): JsonMap {
  const kind = ['configMap', 'secret', 'projected'].find((name) => isObject(volume[name]));
  return kind === undefined
    ? volume
    : { ...volume, [kind]: { defaultMode: 420, ...asMap(volume[kind]) } };
}

/** The list of that name with each item made anew; nothing where there is none. */
function changed(parent: JsonMap, name: string, change: (item: JsonMap) => JsonMap): JsonMap {
  const list = parent[name];
  if (!Array.isArray(list)) return {};
  return { [name]: asList(list).map((item) => (isObject(item) ? change(item) : item)) };
}
