/** The script of Helm against the embedded API server and a real one: the same words twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedApi, serveEmbedded } from '../conformance/kube-api/kubectl-embedded.ts';
import { createTerminal, steps, type Terminal } from './helm-script.ts';
import { findProgram } from './real-api-server.ts';
import { describeOnOwnServer, useRealApiServer } from './use-real-api-server.ts';

const helm = findProgram('helm');
const kubectl = findProgram('kubectl');
const name = 'helm says the same to both servers';
const why = 'they install, and delete, the CRD and with it every DataJob';

describeOnOwnServer(name, { why, programs: ['helm', 'kubectl'] }, () => {
  // Helm brings the CRDs itself: that it can is half of the point.
  const real = useRealApiServer({ controllers: true, crds: false });
  let embedded: ServedApi;
  let terminals: readonly Terminal[] = [];
  beforeAll(async () => {
    embedded = await serveEmbedded({ crds: false });
    const programs = { helm: helm ?? 'helm', kubectl: kubectl ?? 'kubectl' };
    const files = [embedded.kubeconfigFile, real().kubeconfigFile];
    terminals = files.map((file) => createTerminal(programs, file));
  });
  afterAll(async () => {
    for (const each of terminals) each.close();
    await embedded.close();
  });

  // In this order: each step goes on where the last one ended.
  test.each(steps)('$line', async (step) => {
    const both = await Promise.all(terminals.map((terminal) => terminal.run(step)));
    const [onEmbedded, onReal] = both;
    expect(onEmbedded).toEqual(onReal);
    expect(onReal?.code, onReal?.text).toBe(step.code ?? 0);
    expect(onReal?.text).toContain(step.says ?? '');
  });
});
