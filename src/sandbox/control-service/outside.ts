/** Systems behind the service that may be out of reach, and the errors that this makes. */
import type { Settings } from './settings.ts';
import { externalSystem, type ServiceFailure } from './web/failures.ts';

/** Throws when the cluster is out of reach; `doing` is what the service was about to do. */
export function reachCluster(settings: Settings, doing = ''): void {
  if (!settings.isDown('KUBERNETES')) return;
  const details = 'Kubernetes API Exception Details: \nresponse body: null\nresponse headers: null';
  throw externalSystem('KUBERNETES', `${doing}\n${details}`);
}

/** What a Git server out of reach makes of `doing` something. */
function gitProblem(doing: string, jobName: string): ServiceFailure {
  return externalSystem(
    'Git',
    `Communication with the git server failed while trying to ${doing}: ${jobName}. ` +
      'Please read the exception and follow the instructions.',
  );
}

export function reachGit(settings: Settings, doing: string, jobName: string): void {
  if (settings.isDown('Git')) throw gitProblem(doing, jobName);
}
