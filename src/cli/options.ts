/**
 * The options of all commands, each with the environment variable that means the same. The Control
 * Service is named by the variables that VDK's own tools read, the cluster by kubectl's.
 */
import {
  choiceParser,
  durationParser,
  integerParser,
  parseBindAddress,
  parseHttpUrl,
  parseNamespaces,
  parseSwitch,
  parseText,
  parseWord,
  type Setting,
} from './settings.ts';
import { parseShard } from './shard.ts';

const second = 1_000;
const hour = 3_600 * second;

const cluster = {
  kubeconfig: {
    flag: '--kubeconfig <file>',
    env: 'KUBECONFIG',
    about: 'Kubeconfig of the cluster.',
    fallbackText: "~/.kube/config, or the pod's own account inside a cluster",
    parse: parseText,
  },
  context: {
    flag: '--context <name>',
    env: 'DATAJOB_OPERATOR_CONTEXT',
    about: 'Context in the kubeconfig.',
    fallbackText: 'its current context',
    parse: parseText,
  },
} as const satisfies Record<string, Setting<unknown>>;

const controlServiceUrl = {
  flag: '--control-service-url <url>',
  env: 'VDK_CONTROL_SERVICE_REST_API_URL',
  about: 'Base URL of the VDK Control Service, without /data-jobs.',
  parse: parseHttpUrl,
} as const satisfies Setting<string>;

const output = {
  flag: '-o, --output <format>',
  about: 'text, or one JSON document on standard output.',
  fallback: 'text',
  parse: choiceParser(['text', 'json']),
} as const satisfies Setting<unknown>;

/** A poll more often than this would be a load test of the service. */
const pollIntervalMinMs = 100;
const pollInterval = {
  flag: '--poll-interval <duration>',
  about: 'How often the service is asked for changes made behind the back of the manifests.',
  parse: durationParser(pollIntervalMinMs, 24 * hour),
} as const;

const logLevel = {
  flag: '--log-level <level>',
  about: 'debug, info, warn, error or silent; JSON lines on standard error.',
  parse: choiceParser(['debug', 'info', 'warn', 'error', 'silent']),
} as const;

const clusterId = {
  flag: '--cluster-id <id>',
  env: 'DATAJOB_OPERATOR_CLUSTER_ID',
  about: "Names this cluster in the ownership marker of its jobs' descriptions.",
  fallbackText: 'the UID of the namespace kube-system',
  parse: parseWord,
} as const satisfies Setting<string>;

export const runOptions = {
  ...cluster,
  controlServiceUrl,
  namespaces: {
    flag: '--namespace <name>',
    env: 'DATAJOB_OPERATOR_NAMESPACE',
    about: 'Namespace to look after; may be repeated, in the variable with commas.',
    fallbackText: 'all',
    repeatable: true,
    parse: parseNamespaces,
  },
  labelSelector: {
    flag: '--watch-label-selector <selector>',
    env: 'DATAJOB_OPERATOR_WATCH_LABEL_SELECTOR',
    about: 'Looks after the DataJobs with these labels only; others are for other operators.',
    fallbackText: 'all',
    parse: parseShard,
  },
  concurrency: {
    flag: '--concurrency <n>',
    env: 'DATAJOB_OPERATOR_CONCURRENCY',
    about: 'Objects worked on at one time.',
    fallback: '16',
    parse: integerParser(1, 1_000),
  },
  pollInterval: { ...pollInterval, env: 'DATAJOB_OPERATOR_POLL_INTERVAL', fallback: '1m' },
  clusterId,
  leaderElect: {
    flag: '--leader-elect',
    env: 'DATAJOB_OPERATOR_LEADER_ELECT',
    about:
      'Of several instances, one works and the others wait. Needed with more than one replica.',
    fallback: 'false',
    parse: parseSwitch,
  },
  leaderElectNamespace: {
    flag: '--leader-elect-namespace <name>',
    env: 'DATAJOB_OPERATOR_LEADER_ELECT_NAMESPACE',
    about: 'Where the Lease is.',
    fallbackText: "the pod's own, or that of the kubeconfig's context",
    parse: parseWord,
  },
  metricsBindAddress: {
    flag: '--metrics-bind-address <address>',
    env: 'DATAJOB_OPERATOR_METRICS_BIND_ADDRESS',
    about: 'Where /metrics is served; 0 = nowhere.',
    fallback: ':8080',
    parse: parseBindAddress,
  },
  healthProbeBindAddress: {
    flag: '--health-probe-bind-address <address>',
    env: 'DATAJOB_OPERATOR_HEALTH_PROBE_BIND_ADDRESS',
    about: 'Where /healthz and /readyz are served; 0 = nowhere.',
    fallback: ':8081',
    parse: parseBindAddress,
  },
  logLevel: { ...logLevel, env: 'DATAJOB_OPERATOR_LOG_LEVEL', fallback: 'info' },
} as const satisfies Record<string, Setting<unknown>>;

const port = integerParser(0, 65_535);

export const sandboxOptions = {
  once: {
    flag: '--once',
    about: 'End when all objects are Ready: exit code 0, or 1 at --timeout.',
    fallback: 'false',
    parse: parseSwitch,
  },
  timeout: {
    flag: '--timeout <duration>',
    about: 'How long --once waits.',
    fallback: '2m',
    parse: durationParser(second, 24 * hour),
  },
  output,
  apply: {
    flag: '--apply <path>',
    about: 'Manifests to apply: a folder or a file.',
    fallbackText: 'the examples; nothing where --data has a state already',
    parse: parseText,
  },
  writeKubeconfig: {
    flag: '--write-kubeconfig <file>',
    about: 'Where to write the kubeconfig.',
    fallback: '.datajob-operator/kubeconfig',
    parse: parseText,
  },
  kubeApiPort: {
    flag: '--kube-api-port <port>',
    about: 'Port of the Kubernetes API.',
    fallback: '0',
    fallbackText: 'a free one',
    parse: port,
  },
  controlServicePort: {
    flag: '--control-service-port <port>',
    about: 'Port of the Control Service.',
    fallback: '0',
    fallbackText: 'a free one',
    parse: port,
  },
  pollInterval: { ...pollInterval, fallback: '5s' },
  deployTime: {
    flag: '--deploy-time <duration>',
    about: 'How long the Control Service takes for a deployment.',
    fallback: '2s',
    parse: durationParser(0, 24 * hour),
  },
  data: {
    flag: '--data <folder>',
    about: 'Keeps the state of both servers over restarts.',
    fallbackText: 'all is gone at the end',
    parse: parseText,
  },
  operator: {
    flag: '--no-operator',
    about: 'Only the two servers: run the operator elsewhere, by the kubeconfig.',
    fallback: 'true',
    parse: parseSwitch,
  },
  logLevel: { ...logLevel, fallback: 'error' },
} as const satisfies Record<string, Setting<unknown>>;

export const planOptions = {
  file: {
    flag: '-f, --file <path>',
    about: 'Manifests to compare: a folder or a file; ConfigMaps in them serve as sources.',
    parse: parseText,
  },
  output,
  namespace: {
    flag: '-n, --namespace <name>',
    about: 'Namespace of manifests that name none.',
    fallback: 'default',
    parse: parseText,
  },
  ...cluster,
  controlServiceUrl,
  clusterId,
} as const satisfies Record<string, Setting<unknown>>;
