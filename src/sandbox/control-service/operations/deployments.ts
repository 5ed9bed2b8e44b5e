/** Deployments: five operations over the three ways in which they can be kept. */

import { checkDeploymentBody } from '../deployments/checks.ts';
import type { DeployedRow, JobRow } from '../model.ts';
import { reachCluster } from '../outside.ts';
import { type Answer, empty, json, notFound } from '../web/answers.ts';
import type { DeploymentBody } from '../web/bodies.ts';
import type { Call, Operation } from '../web/call.ts';
import { bug, nullReference } from '../web/failures.ts';
import { findJob, instant, type World } from '../world.ts';

type DeploymentOperationId =
  | 'deploymentList'
  | 'deploymentUpdate'
  | 'deploymentRead'
  | 'deploymentPatch'
  | 'deploymentDelete';

export function deploymentOperations(world: World): Record<DeploymentOperationId, Operation> {
  const { settings, store, cluster, database } = world;
  const inCluster = settings.persistence !== 'DB';
  const inDatabase = settings.persistence !== 'K8S';
  const jobOf = ({ params }: Call) => findJob(store, params.team_name, params.job_name);
  const checked = (call: Call): DeploymentBody => {
    const body = call.body as DeploymentBody | null;
    if (body === null) {
      const model = 'com.vmware.taurus.controlplane.model.data.DataJobDeployment';
      throw nullReference(`${model}.getPythonVersion()`, '"dataJobDeployment"');
    }
    checkDeploymentBody(body, settings);
    return body;
  };
  return {
    deploymentList: (call) => {
      refuseMode(call);
      const job = jobOf(call);
      if (job === undefined) return notFound;
      if (inCluster) reachCluster(settings);
      const deployed = readDeployment(world, job.name);
      return json(deployed === undefined ? [] : [deploymentJson(world, job, deployed)]);
    },
    deploymentRead: (call) => {
      const job = jobOf(call);
      if (job !== undefined && inCluster) reachCluster(settings);
      const deployed = job && readDeployment(world, job.name);
      return deployed === undefined ? notFound : json(deploymentJson(world, job, deployed));
    },
    deploymentUpdate: (call) => {
      const body = checked(call);
      return change(world, jobOf(call), (job) => {
        if (inCluster) cluster.post(job, body, call.user);
        if (inDatabase) database.post(job, body, call.user);
      });
    },
    deploymentPatch: (call) => {
      const body = checked(call);
      // The cluster first: what it did stays when the database then refuses.
      if (inCluster) {
        const answer = change(world, jobOf(call), (job) => {
          reachCluster(settings);
          cluster.patch(job, body, call.user);
        });
        if (answer === notFound || !inDatabase) return answer;
      }
      return change(world, jobOf(call), (job) => database.patch(job, body, call.user));
    },
    deploymentDelete: (call) =>
      change(world, jobOf(call), (job) => {
        if (inCluster) {
          reachCluster(settings, 'Cannot determine if deployment is in progress');
          cluster.remove(job.name);
        }
        if (inDatabase) database.remove(job.name);
      }),
  };
}

/** What reads show: the cluster's CronJob, or what the synchronizer last wrote. */
export function readDeployment(world: World, jobName: string): DeployedRow | undefined {
  const { settings, cluster, database } = world;
  return settings.persistence === 'DB' ? database.get(jobName) : cluster.get(jobName);
}

function change({ store }: World, job: JobRow | undefined, work: (job: JobRow) => void): Answer {
  if (job === undefined) return notFound;
  store.transaction(() => work(job));
  return empty(202);
}

function deploymentJson(world: World, job: JobRow | undefined, row: DeployedRow): unknown {
  const fromDatabase = world.settings.persistence === 'DB';
  return {
    vdk_version: fromDatabase ? null : row.vdkVersion,
    job_version: row.jobVersion,
    python_version: row.pythonVersion,
    mode: 'release',
    id: fromDatabase ? row.jobName : null,
    enabled: row.enabled,
    contacts: fromDatabase ? (job?.contacts ?? null) : null,
    schedule: fromDatabase ? { schedule_cron: row.schedule } : null,
    resources: fromDatabase ? row.resources : null,
    last_deployed_date: instant(row.deployedAtUs),
    last_deployed_by: row.deployedBy,
  };
}

/** The framework cannot read its own enum from a query, whatever the value. */
function refuseMode(call: Call): void {
  const mode = call.query.get('mode');
  if (mode === null) return;
  const type = 'com.vmware.taurus.controlplane.model.data.DataJobMode';
  const annotated = `@io.swagger.v3.oas.annotations.Parameter @org.springframework.web.bind.annotation.RequestParam ${type}`;
  throw bug(
    `Failed to convert value of type 'java.lang.String' to required type '${type}'; nested exception is ` +
      `org.springframework.core.convert.ConversionFailedException: Failed to convert from type [java.lang.String] ` +
      `to type [${annotated}] for value [${mode}]; nested exception is java.lang.IllegalArgumentException: ` +
      `No enum constant ${type}.${mode}`,
  );
}
