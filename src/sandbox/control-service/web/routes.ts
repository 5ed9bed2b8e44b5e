/** Which request body each operation takes, and how the framework speaks of one that is missing. */
import type { OperationId } from '../../../control-service/contract.ts';
import type { Shape } from './bind.ts';
import {
  dataJobShape,
  deploymentShape,
  executionRequestShape,
  oauthCredentialsShape,
} from './bodies.ts';

export interface BodyRule {
  readonly media: 'application/json' | 'application/octet-stream';
  /** Absent: any value, read as it was written. */
  readonly shape?: Shape;
  /** The method that a missing body was meant for; absent when the body is optional. */
  readonly requiredBy?: string;
}

const entity = (of: string) => `public org.springframework.http.ResponseEntity<${of}>`;
const nothing = entity('java.lang.Void');
const text = 'java.lang.String';
const model = 'com.vmware.taurus.controlplane.model.data';
const jobs = 'com.vmware.taurus.datajobs';
const anyMap = 'java.util.Map<java.lang.String, java.lang.Object>';

export const bodyRules: Readonly<Partial<Record<OperationId, BodyRule>>> = {
  dataJobCreate: {
    media: 'application/json',
    shape: dataJobShape,
    requiredBy: `${nothing} ${jobs}.DataJobsController.dataJobCreate(${text},${model}.DataJob,${text})`,
  },
  dataJobUpdate: {
    media: 'application/json',
    shape: dataJobShape,
    requiredBy: `${nothing} ${jobs}.DataJobsController.dataJobUpdate(${text},${text},${model}.DataJob)`,
  },
  deploymentUpdate: { media: 'application/json', shape: deploymentShape },
  deploymentPatch: {
    media: 'application/json',
    shape: deploymentShape,
    requiredBy: `${nothing} ${jobs}.DataJobsDeploymentController.deploymentPatch(${text},${text},${text},${model}.DataJobDeployment)`,
  },
  dataJobExecutionStart: { media: 'application/json', shape: executionRequestShape },
  dataJobPropertiesUpdate: {
    media: 'application/json',
    requiredBy: `${nothing} com.vmware.taurus.properties.controller.DataJobsPropertiesController.dataJobPropertiesUpdate(${text},${text},${text},${anyMap})`,
  },
  dataJobSecretsUpdate: {
    media: 'application/json',
    requiredBy: `${nothing} com.vmware.taurus.secrets.controller.DataJobsSecretsController.dataJobSecretsUpdate(${text},${text},${text},${anyMap})`,
  },
  oauthCredentialsPut: { media: 'application/json', shape: oauthCredentialsShape },
  getTeamIdsForClientIds: {
    media: 'application/json',
    shape: { kind: 'texts' },
    requiredBy: `${entity(`java.util.List<${model}.OauthTeamClientId>`)} com.vmware.taurus.secrets.controller.TeamSecretsController.getTeamIdsForClientIds(java.util.List<java.lang.String>)`,
  },
  sourcesUpload: {
    media: 'application/octet-stream',
    requiredBy: `${entity(`${model}.DataJobVersion`)} ${jobs}.DataJobsSourcesController.sourcesUpload(${text},${text},org.springframework.core.io.Resource,${text})`,
  },
};
