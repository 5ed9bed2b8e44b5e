/** What deployment calls are checked for at once, and how they merge with what is deployed. */
import type { Resources } from '../model.ts';
import type { Settings } from '../settings.ts';
import type { DeploymentBody } from '../web/bodies.ts';
import { ServiceFailure } from '../web/failures.ts';

/** Both checks come before the job is looked for. */
export function checkDeploymentBody(body: DeploymentBody, settings: Settings): void {
  const { python_version: python, resources } = body;
  if (python != null && !settings.supportedPythonVersions.includes(python)) {
    const supported = `[${settings.supportedPythonVersions.join(', ')}]`;
    throw new ServiceFailure(
      409,
      `Not supported python version: '${python}'`,
      'The selected python version is not supported by the platform.',
      'The deployment of the data job will not proceed. ',
      `To deploy the data job, please set the python_version property to one of the supported versions: '${supported}'.`,
    );
  }
  const both = resources?.memory_request != null && resources.memory_limit != null;
  if (resources?.cpu_request != null || resources?.cpu_limit != null || both) {
    throw new ServiceFailure(
      400,
      'The setting of job resources like CPU and memory is not allowed.',
      'The setting of job resources like CPU and memory is not supported by the platform.',
      'The deployment of the data job will not proceed.',
      'To deploy the data job, please do not configure job resources.',
    );
  }
}

export function notDeployed(jobName: string): ServiceFailure {
  return new ServiceFailure(
    404,
    `The Data Job '${jobName}' is not deployed.`,
    'The Data Job must be deployed.',
    'Operation cannot complete since it expects the data job to have a deployment.',
    'Deploy the Data Job and try again.',
  );
}

/** The VDK image that a python version comes with. */
export const defaultVdkVersion = (pythonVersion: string): string => `release-${pythonVersion}`;

export const defaultPythonVersion = (settings: Settings): string =>
  settings.supportedPythonVersions[0] ?? '3.9';

/** A single memory value is the only part that slips through the checks; it is used in the database. */
export function mergedResources(old: Resources, body: DeploymentBody): Resources {
  return {
    ...old,
    memory_request: body.resources?.memory_request ?? old.memory_request,
    memory_limit: body.resources?.memory_limit ?? old.memory_limit,
  };
}
