import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  projectFolder,
  type RunningCommand,
  runProgram,
  startProgram,
  temporaryFolder,
} from './command.ts';

const quick = ['--deploy-time', '100ms', '--poll-interval', '300ms'];

async function up(cwd: string, ...args: readonly string[]) {
  const command = startProgram(['sandbox', ...quick, ...args], { cwd });
  await command.outputMatching(/DataJobs are Ready/);
  await command.outputMatching(/Ctrl-C/);
  const [, serviceUrl = ''] = await command.outputMatching(/Control Service {2}(http:\S+)/);
  const [, kubeconfig = ''] = await command.outputMatching(/kubeconfig {2,}(\S+)/);
  return { command, serviceUrl, kubeconfig };
}

async function stop(command: RunningCommand, signal: NodeJS.Signals) {
  command.kill(signal);
  return await command.result;
}

test('it stays up, says where everything is and what to type, and ends cleanly when asked', async () => {
  const folder = temporaryFolder();
  const { command, serviceUrl, kubeconfig } = await up(folder);
  expect(kubeconfig).toBe(join(folder, '.datajob-operator/kubeconfig'));
  expect(statSync(kubeconfig).mode & 0o777, 'it holds a token').toBe(0o600);
  expect((await fetch(`${serviceUrl}/data-jobs/for-team/sales/jobs/ingest-orders`)).status).toBe(
    200,
  );
  const { code, stdout, stderr } = await stop(command, 'SIGTERM');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`export KUBECONFIG=${kubeconfig}\n`);
  expect(stdout).toContain(`export VDK_CONTROL_SERVICE_REST_API_URL=${serviceUrl}\n`);
  expect(stdout).toContain('kubectl get dj');
});

test('the line that breaks something works, and is healed before your eyes', async () => {
  const { command } = await up(temporaryFolder());
  const [curl = ''] = await command.outputMatching(/curl -X PATCH [\s\S]*?'\{"enabled": false\}'/);
  const [, url = '', contentType = '', body = ''] =
    /PATCH (\S+) \\\s+-H '([^']+)' -d '([^']+)'/.exec(curl) ?? [];
  const headers = Object.fromEntries([contentType.split(': ')]);
  expect((await fetch(url, { method: 'PATCH', headers, body })).status).toBe(202);
  await command.outputMatching(/Ctrl-C[\s\S]*ingest-orders {2}Ready/);
  const list = await (await fetch(url.replace(/\/production$/, ''))).json();
  expect(list).toMatchObject([{ enabled: true }]);
  expect((await stop(command, 'SIGINT')).code).toBe(0);
});

test('--data keeps the state of both servers, and the examples are not applied again over it', async () => {
  const folder = temporaryFolder();
  const first = await up(folder, '--data', 'state');
  const job = `${first.serviceUrl}/data-jobs/for-team/sales/jobs/ingest-orders`;
  const before = await (await fetch(`${job}/deployments`)).json();
  expect((await stop(first.command, 'SIGTERM')).code).toBe(0);

  const second = await up(folder, '--data', 'state', '--no-operator');
  expect(second.serviceUrl).not.toBe(first.serviceUrl);
  const sameJob = job.replace(first.serviceUrl, second.serviceUrl);
  expect(await (await fetch(`${sameJob}/deployments`)).json()).toEqual(before);
  expect((await stop(second.command, 'SIGTERM')).code).toBe(0);
  expect(existsSync(join(folder, 'state/kubernetes.json'))).toBe(true);
});

test('ports, kubeconfig and manifests are those that were asked for', async () => {
  const folder = temporaryFolder();
  const [kubePort, servicePort] = [await freePort(), await freePort()];
  const { code, stdout } = await runProgram(
    [
      ...[
        'sandbox',
        ...quick,
        '--once',
        '--apply',
        join(projectFolder, 'examples/stock-levels.yaml'),
      ],
      ...['--write-kubeconfig', 'my/config', '--kube-api-port', `${kubePort}`],
      ...['--control-service-port', `${servicePort}`],
    ],
    { cwd: folder },
  );
  expect(code, stdout).toBe(0);
  expect(readFileSync(join(folder, 'my/config'), 'utf8')).toContain(
    `server: https://127.0.0.1:${kubePort}\n`,
  );
  expect(stdout).toContain(`http://127.0.0.1:${servicePort}\n`);
  expect(stdout).toContain('The DataJob is Ready');
});

test.each(['--kube-api-port', '--control-service-port'])(
  'a port that is taken is one sentence (%s)',
  async (flag) => {
    const port = await takenPort();
    const { code, stdout, stderr } = await runProgram(['sandbox', '--once', flag, `${port}`], {
      cwd: temporaryFolder(),
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `Port ${port} is in use already: choose another with ${flag} (0 takes a free one).\n`,
    });
  },
);

test.each([
  {
    name: 'a data folder that is a file',
    args: ['--data', 'a-file'],
    says: /^\S+a-file cannot be used as a folder for the state \(.+\): choose another with --data\.\n$/,
  },
  {
    name: 'a state that cannot be read',
    args: ['--data', 'broken'],
    says: /^\S+broken\/kubernetes\.json holds no state .+: remove it to start anew\.\n$/,
  },
  {
    name: 'a kubeconfig that cannot be written',
    args: ['--write-kubeconfig', 'a-file/kubeconfig'],
    says: /^The kubeconfig cannot be written to \S+ .+: choose another place with --write-kubeconfig\.\n$/,
  },
])('$name is one sentence, and nothing is overwritten', async ({ args, says }) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a-file'), 'mine');
  mkdirSync(join(folder, 'broken'));
  writeFileSync(join(folder, 'broken/kubernetes.json'), '{');
  const { code, stdout, stderr } = await runProgram(['sandbox', '--once', ...args], {
    cwd: folder,
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
  expect(readFileSync(join(folder, 'a-file'), 'utf8')).toBe('mine');
  expect(readFileSync(join(folder, 'broken/kubernetes.json'), 'utf8')).toBe('{');
});

function listening(): Promise<{ port: number; close: () => void }> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => server.close() });
    });
  });
}

async function freePort(): Promise<number> {
  const { port, close } = await listening();
  close();
  return port;
}

async function takenPort(): Promise<number> {
  const { port, close } = await listening();
  onTestFinished(close);
  return port;
}
