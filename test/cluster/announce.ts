/**
 * Says before anything else which real API server the tests run on, or loudly that there is none. k3s
 * is started here, once for all files: to them it is the cluster of TEST_KUBECONFIG.
 */
import { findContainerEngine } from './container-engine.ts';
import { startK3s } from './k3s.ts';
import { findTarget, startRealApiServer, type Target } from './real-api-server.ts';

type Teardown = () => Promise<void>;

export async function setup(): Promise<Teardown | undefined> {
  const target = findTarget();
  if (target.kind !== 'none') {
    await announce(target);
    return undefined;
  }
  if (target.isConfigured) return skipped(target.reason);
  const engine = await findContainerEngine();
  if (engine.kind === 'none') {
    return skipped(
      `${target.reason}. Nor does a container engine run that could start k3s (looked at ${engine.lookedAt.join(', ')})`,
    );
  }
  try {
    console.log(`Starting k3s with the container engine at ${engine.address} …`);
    const k3s = await startK3s();
    process.env.TEST_KUBECONFIG = k3s.kubeconfigFile; // the workers begin after this
    await announce({ kind: 'kubeconfig', file: k3s.kubeconfigFile });
    return k3s.close;
  } catch (error) {
    return skipped(
      `${target.reason}; and the container engine at ${engine.address} could not start k3s: ${error}`,
    );
  }
}

async function announce(target: Exclude<Target, { kind: 'none' }>): Promise<void> {
  const startedMs = performance.now();
  const server = await startRealApiServer(target);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const from = target.kind === 'assets' ? `started in ${seconds} s` : `of ${target.file}`;
  console.log(`Kubernetes API server ${server.version}, ${from}`);
  await server.close();
}

function skipped(reason: string): undefined {
  const line = '='.repeat(100);
  console.log(`${line}\nNOTHING IS TESTED ON A REAL API SERVER: ${reason}.\n${line}`);
  return undefined;
}
