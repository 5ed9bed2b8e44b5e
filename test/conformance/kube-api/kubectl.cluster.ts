/** The script of kubectl against the embedded API server and a real one: the same words twice. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../cluster/real-api-server.ts';
import { useRealApiServer } from '../../cluster/use-real-api-server.ts';
import { type ServedApi, serveEmbedded } from './kubectl-embedded.ts';
import { createKubectl, type Kubectl, steps } from './kubectl-script.ts';

const onPath = spawnSync('kubectl', ['version', '--client']).status === 0 ? 'kubectl' : undefined;
const programs = [onPath, findProgram('kubectl')].filter((each) => each !== undefined);

describe.each(programs)('%s says the same to both servers', (program) => {
  const real = useRealApiServer({ controllers: true });
  let embedded: ServedApi;
  let kubectls: readonly Kubectl[] = [];
  beforeAll(async () => {
    embedded = await serveEmbedded();
  });
  afterAll(async () => {
    for (const each of kubectls) each.close();
    await embedded.close();
  });

  test.each(steps)('$args', async (step) => {
    if (kubectls.length === 0) {
      const files = [embedded.kubeconfigFile, real().kubeconfigFile];
      kubectls = files.map((file) => createKubectl(program, file));
    }
    const [onEmbedded, onReal] = await Promise.all(kubectls.map((kubectl) => kubectl.run(step)));
    if (step.differs === undefined) expect(onEmbedded).toEqual(onReal);
    for (const each of [onEmbedded, onReal]) {
      expect(each?.code, each?.text).toBe(step.code ?? 0);
      expect(each?.text).toContain(step.says ?? '');
    }
  });
});
