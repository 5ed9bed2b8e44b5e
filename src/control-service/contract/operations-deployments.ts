/** Deployments: five operations. */
import { z } from 'zod';
import { badBody, noSuchJob, trap, undocumented } from './errors-of-operations.ts';
import { listOf } from './fields.ts';
import { jobPath, type Operation } from './operation.ts';
import { schemas } from './schemas.ts';

const deploymentPath = `${jobPath}/deployments/{deployment_id}` as const;

const unsupportedPython = undocumented(
  409,
  'fourField',
  'the service cannot build for this python_version; looked at before the job is',
);
const refusedSettings = {
  ...badBody,
  when: 'CPU or memory may not be set, or the body cannot be read',
};

export const deploymentOperations = {
  deploymentList: {
    tag: 'Data Jobs Deployment',
    method: 'GET',
    path: `${jobPath}/deployments`,
    summary: 'Lists the deployment of a job',
    doc:
      'None or one. Tells a job that is not deployed ([]) from one that is not there (404). During ' +
      'a deployment it shows what was before. The wanted job_version here is the only sign that a ' +
      'deployment is done; a failed one leaves no trace. An outage of Kubernetes is a 503.',
    stability: 'stable',
    query: {
      deployment_id: { schema: z.string(), doc: 'Ignored' },
      mode: {
        schema: schemas.DataJobMode,
        doc: 'Not usable',
        unusable: 'the service answers 500 to any value',
      },
    },
    success: {
      status: 200,
      body: listOf(schemas.DataJobDeploymentStatus),
      doc: 'The deployment, if any',
    },
    errors: [noSuchJob, trap('mode has any value')],
    safeToRepeat: true,
  },
  deploymentUpdate: {
    tag: 'Data Jobs Deployment',
    method: 'POST',
    path: `${jobPath}/deployments`,
    summary: 'Deploys a version of a job',
    doc:
      'Returns before anything is built. What is left out keeps its value, except that enabled and, ' +
      'where the database keeps deployments, the schedule fall back: send both. A version that does ' +
      'not exist or a schedule that makes no sense only shows as a deployment that never comes. A ' +
      'second call while one is in flight can be lost or can bring an older version back. Changing ' +
      'python_version resets vdk_version.',
    stability: 'stable',
    query: {
      send_notification: {
        schema: z.boolean().meta({ default: true }),
        doc: 'Whether mail tells how it ended',
      },
    },
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJobDeployment,
      required: true,
      requiredInDocument: false,
    },
    success: { status: 202, body: 'none', doc: 'Accepted' },
    errors: [refusedSettings, noSuchJob, unsupportedPython, trap('the body is missing')],
    safeToRepeat: false,
  },
  deploymentRead: {
    tag: 'Data Jobs Deployment',
    method: 'GET',
    path: deploymentPath,
    summary: 'Reads the deployment of a job',
    doc: 'Answers 404 both for a missing job and for one that is not deployed; the list tells apart.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: schemas.DataJobDeploymentStatus, doc: 'The deployment' },
    errors: [{ ...noSuchJob, when: 'the team has no such job, or it is not deployed' }],
    safeToRepeat: true,
  },
  deploymentPatch: {
    tag: 'Data Jobs Deployment',
    method: 'PATCH',
    path: deploymentPath,
    summary: 'Changes settings of a deployment without building',
    doc:
      'Also applies schedule, contacts and team as the job has them now. Done when it returns where ' +
      'Kubernetes keeps deployments, later where the database does. There is no other version to be ' +
      'had this way. A schedule that Kubernetes refuses is answered 202 all the same: read back. ' +
      'Always send enabled.',
    stability: 'stable',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJobDeployment,
      required: true,
      requiredInDocument: true,
    },
    success: { status: 202, body: 'none', doc: 'Accepted' },
    errors: [
      { ...refusedSettings, when: `${refusedSettings.when}, or another version was sent` },
      noSuchJob,
      { status: 404, body: 'fourField', when: 'the job is not deployed' },
      unsupportedPython,
    ],
    safeToRepeat: true,
  },
  deploymentDelete: {
    tag: 'Data Jobs Deployment',
    method: 'DELETE',
    path: deploymentPath,
    summary: 'Takes a deployment away',
    doc:
      'Also accepted when nothing is deployed. Cancels a running build. Where the database keeps ' +
      'deployments it stays readable for up to a minute or more. Sources, properties and executions ' +
      'stay.',
    stability: 'stable',
    query: {},
    success: { status: 202, body: 'none', doc: 'Accepted' },
    errors: [noSuchJob],
    safeToRepeat: true,
  },
} as const satisfies Readonly<Record<string, Operation>>;
