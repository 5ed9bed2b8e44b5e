/**
 * The conformance suite as people run it: on a service of its own process, in every mode, and on
 * services with one trap broken.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { createControlService } from '../../src/sandbox/control-service/service.ts';
import { listen } from '../../src/sandbox/listen.ts';
import { type BrokenTrap, brokenTraps } from '../conformance/control-service/broken-traps.ts';
import { conformanceCases } from '../conformance/control-service/cases.ts';
import { run, startProgram } from './command.ts';

// A run is mostly waiting, and several share the machine.
vi.setConfig({ testTimeout: 180_000 });

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Long enough for two calls during a build on a busy machine. */
const deployTimeMs = 1_000;
/** In the database nothing depends on meeting a build, and a run of the synchronizer waits for all. */
const deployTimeInDatabaseMs = 200;
const runTimeMs = 1_000;

const judge = (url: string, patience: string, ...more: readonly string[]) =>
  run('npm', [
    ...['run', '--silent', 'test:control-service', '--', '--url', url],
    ...['--patience', patience, '--parallel', '24', '--may-leave-credentials', ...more],
  ]);

/** The output's totals. */
function totalsOf(stdout: string) {
  const [, cases, passed, failed, notApplicable] =
    /^(\d+) cases: (\d+) passed, (\d+) failed, (\d+) not applicable/m.exec(stdout) ?? [];
  return {
    cases: Number(cases),
    passed: Number(passed),
    failed: Number(failed),
    notApplicable: Number(notApplicable),
  };
}

test('`npm run test:control-service` passes on `control-service` in every mode', async () => {
  const modes = (['K8S', 'DB', 'BOTH'] as const).flatMap((mode) => [
    { mode, security: 'off' },
    { mode, security: 'on' },
  ]);
  const runs = await Promise.all(
    modes.map(async ({ mode, security }) => {
      const service = startProgram([
        'control-service',
        ...['--port', '0', '--persistence', mode],
        ...['--deploy-time', `${mode === 'DB' ? deployTimeInDatabaseMs : deployTimeMs}ms`],
        ...['--run-time', `${runTimeMs}ms`],
        ...(security === 'on' ? ['--auth'] : []),
      ]);
      const [, url = ''] = await service.outputMatching(/^Control Service\s+(http:\S+)/m);
      const token = security === 'on' ? await accessToken(service, url) : undefined;
      const more = token === undefined ? [] : ['--token', token];
      return { mode, security, token, ...(await judge(url, '60s', '--mode', mode, ...more)) };
    }),
  );
  for (const { mode, security, token, code, stdout, stderr } of runs) {
    console.info(`persistence ${mode}, security ${security}: ${/^\d+ cases.*$/m.exec(stdout)}`);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`persistence ${mode}, security ${security}`);
    expect(stdout).toContain('Nothing is left behind.');
    const { cases, passed, failed, notApplicable } = totalsOf(stdout);
    expect({ cases, failed }).toEqual({ cases: conformanceCases.length, failed: 0 });
    expect(passed + notApplicable).toBe(cases);
    expect(passed, 'most cases apply to any service').toBeGreaterThan(cases * 0.7);
    if (token !== undefined) expect(stdout).not.toContain(token);
  }
});

test('the same run fails when one trap is broken, and names the case', async () => {
  /** Of each kind some: statuses, bodies, data, order and time. */
  const chosen = brokenTraps.filter(({ trap }) => [3, 4, 15, 18, 30, 33].includes(trap));
  expect(chosen.length).toBeGreaterThan(5);
  const runs = await Promise.all(
    chosen.map(async (each) => ({ ...each, ...(await judge(await serve(each.around), '5s')) })),
  );
  for (const { broken, caught, code, stdout } of runs) {
    expect({ broken, code }, stdout).toEqual({ broken, code: 1 });
    expect(stdout, broken).toContain(`failed: ${caught}\n`);
    expect(totalsOf(stdout).failed).toBeGreaterThan(0);
    expect(stdout, 'it cleans up also after failures').toContain('Nothing is left behind.');
  }
});

async function serve(around: BrokenTrap['around']): Promise<string> {
  const service = createControlService({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    deployTimeMs,
    runTimeMs,
    secrets: 'on',
  });
  const handler = around(service.handler);
  const server = await listen({ handler, host: '127.0.0.1', port: 0 }, '--port');
  closing.push(async () => {
    await server.close();
    service.close();
  });
  return server.url;
}

/** As VDK's clients get one: for the API token that the service has printed. */
async function accessToken(service: ReturnType<typeof startProgram>, url: string): Promise<string> {
  const [, refresh_token = ''] = await service.outputMatching(/^API token\s+(\S+)/m);
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
  const response = await fetch(`${url}/issuer/token`, { method: 'POST', body });
  return ((await response.json()) as { access_token: string }).access_token;
}
