/** What the sandbox tells: where things are, and what to try. */
import type { DataJob } from '../api/data-job.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { durationText } from './settings.ts';

type Addresses = Pick<Sandbox, 'kubeUrl' | 'serviceUrl'>;

export function greeting(
  { kubeUrl, serviceUrl }: Addresses,
  withOperator: boolean,
  kubeconfig: string,
): readonly string[] {
  const parts = withOperator
    ? 'A Kubernetes API, a Control Service and the operator'
    : 'A Kubernetes API and a Control Service, without the operator';
  return [
    `${parts}, in one process on this machine only.`,
    '',
    `  Kubernetes API   ${kubeUrl}`,
    `  kubeconfig       ${kubeconfig}`,
    `  Control Service  ${serviceUrl}`,
  ];
}

export function nextSteps(
  { serviceUrl }: Addresses,
  {
    pollInterval,
    operator,
    data,
  }: {
    readonly pollInterval: number;
    readonly operator: boolean;
    readonly data?: string | undefined;
  },
  kubeconfig: string,
  dataJobs: readonly DataJob[],
): readonly string[] {
  const job = dataJobs.find((each) => each.status?.deployment?.enabled === true);
  const name = (job ?? dataJobs[0])?.metadata.name;
  const inNamespace = inNamespaceOf(job?.metadata.namespace ?? 'default');
  return [
    '',
    'Try this in a second terminal:',
    '',
    `  export KUBECONFIG=${quoted(kubeconfig)}`,
    `  export VDK_CONTROL_SERVICE_REST_API_URL=${serviceUrl}`,
    '  kubectl get dj -A',
    ...(name === undefined
      ? []
      : [
          `  kubectl describe dj ${name}${inNamespace}`,
          `  kubectl edit dj ${name}${inNamespace}      # another schedule: look at the lines that appear here`,
        ]),
    '  npx datajob-operator plan -f examples/      # what the operator would do, and why',
    '',
    ...(job === undefined || !operator ? [] : breakIt(serviceUrl, job, pollInterval)),
    data === undefined
      ? 'Changes are told below. Ctrl-C ends the sandbox, and with it all its state.'
      : `Changes are told below. Ctrl-C ends the sandbox; its state stays in ${data}.`,
    '',
  ];
}

function breakIt(serviceUrl: string, { metadata, spec }: DataJob, pollIntervalMs: number) {
  const path = [spec.team, 'jobs', spec.jobName ?? metadata.name].map(encodeURIComponent).join('/');
  return [
    `Break something behind the operator's back: within ${durationText(pollIntervalMs)} it is noticed and repaired.`,
    '',
    `  curl -X PATCH ${serviceUrl}/data-jobs/for-team/${path}/deployments/production \\`,
    `    -H 'Content-Type: application/json' -d '{"enabled": false}'`,
    `  kubectl events${inNamespaceOf(metadata.namespace)} --for dj/${metadata.name}`,
    '',
  ];
}

function inNamespaceOf(namespace: string): string {
  return namespace === 'default' ? '' : ` -n ${namespace}`;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
