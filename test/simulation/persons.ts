/** What persons and other programs do in a world: straight to the servers, and nothing fails. */

import { externalJobFinalizer, reconcileRequestedAnnotation } from '../../src/api/annotations.ts';
import { type DataJob, dataJobType } from '../../src/api/data-job.ts';
import { leaseName } from './instance.ts';
import type { Kernel } from './kernel.ts';
import { shardLabel } from './oracles/shards.ts';
import type { Drift, Step } from './plan.ts';
import { jsonIn, type Served, type Servers, tokens, urls } from './serve.ts';

/** Takes the Lease, and does nothing with it. */
export const thief = 'somebody-else';

export interface Persons {
  /** Does what the step says; true if the step is one of theirs. */
  act(step: Step): Promise<boolean>;
}

type Meddling = Extract<Step, { readonly do: 'meddle' }>['kind'];

const namespace = 'default';
const dataJobs = `/apis/${dataJobType.group}/${dataJobType.version}/namespaces/${namespace}/datajobs`;
const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${leaseName.namespace}/leases/${leaseName.name}`;
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

export function createPersons(kernel: Kernel, servers: Servers): Persons {
  const kube = async (method: string, path: string, body?: object): Promise<Served> =>
    await servers.serve(
      'kube',
      {
        method,
        url: `${urls.kube}${path}`,
        headers: {
          authorization: `Bearer ${tokens.kube}`,
          accept: 'application/json',
          'user-agent': 'a-person',
          'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      'person',
    );
  const service = async (method: string, path: string, body?: object): Promise<Served> =>
    await servers.serve(
      'service',
      {
        method,
        url: `${urls.service}/data-jobs/for-team/${path}`,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      'person',
    );

  const apply = async (name: string, spec: object) => {
    const found = await kube('GET', `${dataJobs}/${name}`);
    if (found.status === 404) {
      const object = {
        apiVersion: `${dataJobType.group}/${dataJobType.version}`,
        kind: dataJobType.kind,
        metadata: { name, namespace },
        spec,
      };
      return expectDone(await kube('POST', dataJobs, object), `create ${name}`);
    }
    const { metadata } = jsonIn(found.bytes) as DataJob;
    const { resourceVersion, uid, finalizers, annotations } = metadata;
    const kept = { name, namespace, resourceVersion, uid, finalizers, annotations };
    const object = {
      apiVersion: `${dataJobType.group}/${dataJobType.version}`,
      kind: dataJobType.kind,
      metadata: kept,
      spec,
    };
    expectDone(await kube('PUT', `${dataJobs}/${name}`, object), `replace ${name}`);
  };
  const configMap = async (name: string, data: object | null) => {
    if (data === null) return void (await kube('DELETE', `${configMaps}/${name}`));
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
    const found = await kube('GET', `${configMaps}/${name}`);
    const isThere = found.status === 200;
    const path = isThere ? `${configMaps}/${name}` : configMaps;
    expectDone(await kube(isThere ? 'PUT' : 'POST', path, object), `write ConfigMap ${name}`);
  };
  const drift = async (job: string, kind: Drift) => {
    const path = `sales/jobs/${job}`;
    switch (kind) {
      case 'disable':
        return void (await service('PATCH', `${path}/deployments/production`, { enabled: false }));
      case 'schedule': {
        const config = { schedule: { schedule_cron: '1 1 1 1 1' } };
        return void (await service('PUT', path, { job_name: job, config }));
      }
      case 'delete':
        return void (await service('DELETE', path));
      case 'undeploy':
        return void (await service('DELETE', `${path}/deployments/production`));
      case 'version': {
        const body = { job_version: 'f'.repeat(40), enabled: true };
        return void (await service('POST', `${path}/deployments`, body));
      }
      default:
        kind satisfies never;
    }
  };
  const meddle = async (name: string, kind: Meddling) => {
    const found = await kube('GET', `${dataJobs}/${name}`);
    if (found.status !== 200) return;
    const object = jsonIn(found.bytes) as DataJob;
    if (kind === 'label') {
      const at = String(kernel.clock.elapsed());
      await kube('PATCH', `${dataJobs}/${name}`, { metadata: { labels: { at } } });
    } else if (kind === 'shard') {
      const labels = {
        [shardLabel]: object.metadata.labels?.[shardLabel] === undefined ? 'a' : null,
      };
      await kube('PATCH', `${dataJobs}/${name}`, { metadata: { labels } });
    } else if (kind === 'status') {
      await kube('PATCH', `${dataJobs}/${name}/status`, { status: { conditions: [] } });
    } else if (kind === 'hold') {
      const finalizers = [...(object.metadata.finalizers ?? []), 'example.com/hold'];
      await kube('PATCH', `${dataJobs}/${name}`, { metadata: { finalizers } });
    } else {
      const rest = object.metadata.finalizers?.filter((each) => each !== externalJobFinalizer);
      await kube('PATCH', `${dataJobs}/${name}`, { metadata: { finalizers: rest ?? [] } });
    }
  };

  return {
    async act(step) {
      switch (step.do) {
        case 'apply':
          await apply(step.name, step.spec);
          return true;
        case 'remove':
          await kube('DELETE', `${dataJobs}/${step.name}`);
          return true;
        case 'annotate': {
          const annotations = { [reconcileRequestedAnnotation]: step.value };
          await kube('PATCH', `${dataJobs}/${step.name}`, { metadata: { annotations } });
          return true;
        }
        case 'configMap':
          await configMap(step.name, step.files);
          return true;
        case 'drift':
          await drift(step.job, step.kind);
          return true;
        case 'foreign': {
          const { job, team, description = 'made by hand' } = step;
          const body = { job_name: job, team, description, config: {} };
          await service('POST', `${team}/jobs`, body);
          if (step.deployed) {
            const deployment = { job_version: 'e'.repeat(40), enabled: true };
            await service('POST', `${team}/jobs/${job}/deployments`, deployment);
          }
          return true;
        }
        case 'removeForeign':
          await service('DELETE', `${step.team}/jobs/${step.job}`);
          return true;
        case 'steal': {
          const spec = { holderIdentity: thief, leaseDurationSeconds: 15 };
          await kube('PATCH', leasePath, { spec });
          return true;
        }
        case 'deleteLease':
          await kube('DELETE', leasePath);
          return true;
        case 'meddle':
          await meddle(step.name, step.kind);
          return true;
        default:
          return false;
      }
    },
  };
}

function expectDone({ status, bytes }: Served, what: string): void {
  if (status < 300) return;
  throw new Error(
    `the plan asks for what cannot be done: ${what}: ${new TextDecoder().decode(bytes)}`,
  );
}
