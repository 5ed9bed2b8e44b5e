/** What a run must know about a service before it can judge it; a client can find all of it out. */
import type { Persistence } from '../../../src/sandbox/control-service/settings.ts';
import { type Bench, createBench, type Job } from './bench.ts';
import type { Target } from './target.ts';

export interface Facts {
  /** From outside, BOTH is known only to who is told: it shows what K8S shows. */
  readonly mode: Persistence;
  /** It is ours, which differs from the real one where that is written down. */
  readonly embedded: boolean;
  readonly security: boolean;
  readonly secretStore: boolean;
  readonly gauge: boolean;
  readonly pythonVersions: readonly string[];
  /** From the answer of a deployment call until the deployment is visible. */
  readonly deployMs: number;
}

/** The service cannot be judged: it is not what was said. */
export class UnusableServiceError extends Error {}

/** Before anything is known, all that matters is that nothing is assumed. */
const unknown: Facts = {
  mode: 'K8S',
  embedded: false,
  security: false,
  secretStore: false,
  gauge: false,
  pythonVersions: [],
  deployMs: 0,
};

export async function findFacts(target: Target): Promise<Facts> {
  const bench = createBench(target, unknown);
  const { team: teamName } = bench;
  // The client says best what is wrong with an address or a token.
  const info = await bench.client.info({ teamName });
  const withoutToken = await bench.send('info', { teamName }, { token: undefined });
  const secrets = await bench.send('dataJobSecretsRead', { teamName, jobName: 'any-job' });
  const metrics = await bench.call('GET', '/data-jobs/debug/prometheus');
  try {
    return {
      ...(await tryDeployments(bench, target)),
      embedded: info.api_version?.startsWith('PipelinesControlService/embedded/') ?? false,
      security: withoutToken.status === 401,
      secretStore: secrets.status === 200,
      gauge: metrics.status === 200,
      pythonVersions: info.supported_python_versions ?? [],
    };
  } finally {
    await bench.clear();
  }
}

/** The id of a deployment is all that tells where the service keeps them. */
async function tryDeployments(bench: Bench, { clock, mode, baseUrl }: Target) {
  const job = await bench.createJob();
  const { id } = await deploy(bench, job, 'first');
  const found: Persistence = id === undefined ? 'K8S' : 'DB';
  const said = mode ?? found;
  if ((said === 'DB') !== (found === 'DB')) {
    throw new UnusableServiceError(
      `${baseUrl} is said to keep deployments in ${said}, but shows them as persistence ${found} does.`,
    );
  }
  // The second one comes right after a run of the synchronizer, if there is one: it takes longest.
  const startMs = clock.elapsed();
  await deploy(bench, job, 'second');
  return { mode: said, deployMs: clock.elapsed() - startMs };
}

async function deploy(bench: Bench, job: Job, words: string) {
  const job_version = await bench.upload(job, words);
  await bench.post(job, { job_version, enabled: true });
  return await bench.deployedAs(job, { job_version });
}
