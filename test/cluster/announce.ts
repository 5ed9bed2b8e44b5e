/** Says before anything else which real API server the tests run on, or loudly that there is none. */
import { findTarget, startRealApiServer } from './real-api-server.ts';

export async function setup(): Promise<void> {
  const target = findTarget();
  if (target.kind === 'none') {
    const line = '='.repeat(100);
    console.log(`${line}\nNOTHING IS TESTED ON A REAL API SERVER: ${target.reason}.\n${line}`);
    return;
  }
  const startedMs = performance.now();
  const server = await startRealApiServer(target);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const from = target.kind === 'assets' ? `started in ${seconds} s` : `of ${target.file}`;
  console.log(`Kubernetes API server ${server.version}, ${from}`);
  await server.close();
}
