/** The script of kubectl against the embedded API server, with the machine's own kubectl. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ServedApi, serveEmbedded } from './kubectl-embedded.ts';
import { createKubectl, type Kubectl, steps } from './kubectl-script.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

describe('kubectl against the embedded API server', () => {
  let api: ServedApi;
  let kubectl: Kubectl;
  beforeAll(async () => {
    api = await serveEmbedded();
    kubectl = createKubectl('kubectl', api.kubeconfigFile);
  });
  afterAll(async () => {
    kubectl.close();
    await api.close();
  });
  beforeEach(({ skip }) => {
    skip(!hasKubectl, 'kubectl is not on PATH');
  });

  // In this order: each step goes on where the last one ended.
  test.each(steps)('$args', async (step) => {
    const { code, text } = await kubectl.run(step);
    expect(code, text).toBe(step.code ?? 0);
    expect(text).toContain(step.says ?? '');
  });
});
