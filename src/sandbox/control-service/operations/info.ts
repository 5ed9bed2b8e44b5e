/** What the service says about itself; the team is not looked at. */
import { json } from '../web/answers.ts';
import type { Operation } from '../web/call.ts';
import type { World } from '../world.ts';

/** Product, version and build, then where it runs: the form that the real service has. */
const apiVersion = 'PipelinesControlService/embedded/datajob-operator (sandbox@localhost node)';

export function infoOperation({ settings }: World): Operation {
  return () =>
    json({
      api_version: apiVersion,
      supported_python_versions: settings.supportedPythonVersions,
    });
}
