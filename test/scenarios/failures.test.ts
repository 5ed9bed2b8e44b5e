/** What goes wrong at the edges, as people see it: one readable sentence each, and never a stack. */

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { projectFolder, runProgram, startProgram } from './command.ts';
import { type RunningSandbox, runSandbox } from './running-sandbox.ts';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await runSandbox();
  await sandbox.apply([
    {
      apiVersion: 'versatiledatakit.io/v1alpha1',
      kind: 'DataJob',
      metadata: { name: 'some-job' },
      spec: { team: 'sales', source: { inline: { files: { '10_run.py': '' } } } },
    } as never,
  ]);
});
afterAll(() => sandbox?.stop());

/** Port 9 of the loopback address: nothing listens there. */
const nowhere = 'http://127.0.0.1:9';
const examples = join(projectFolder, 'examples');

async function webPage(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<html><body>Please log in</body></html>');
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** A kubeconfig like the sandbox's that leads to another server. */
function kubeconfigTo(url: string): string {
  const path = join(sandbox.folder, `to-${URL.parse(url)?.port}`);
  const text = readFileSync(sandbox.kubeconfigFile, 'utf8');
  writeFileSync(path, text.replace(/server: \S+/, `server: ${url}`));
  return path;
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly error?: string;
}

/** The warnings of `run` until it has tried twice, and how it ends when it is told to. */
async function warningsOf(kubeconfig: string, serviceUrl: string, tries: RegExp) {
  const command = startProgram([
    ...['run', '--kubeconfig', kubeconfig, '--control-service-url', serviceUrl],
    ...['--poll-interval', '200ms'],
  ]);
  await command.outputMatching(tries);
  command.kill('SIGTERM');
  const { code, stdout, stderr } = await command.result;
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' });
  return lines.filter(({ level }) => level !== 'info').map(({ msg, error }) => error ?? msg);
}

test('an unreachable Control Service is a sentence in the log, tried again, and no end', async () => {
  const said = await warningsOf(sandbox.kubeconfigFile, nowhere, /bulk read[\s\S]*bulk read/);
  expect(said[0]).toMatch(/got no answer from http:\/\/127\.0\.0\.1:9: connection refused/);
});

test('a web page instead of the Control Service is said to be one', async () => {
  const url = await webPage();
  const said = await warningsOf(sandbox.kubeconfigFile, url, /bulk read[\s\S]*bulk read/);
  expect(said[0]).toMatch(/no answer of a Control Service .*text\/html.*check the address/);
});

test('an unreachable API server is a sentence in the log, tried again, and no end', async () => {
  const kubeconfig = kubeconfigTo('https://127.0.0.1:9');
  const [said] = await warningsOf(kubeconfig, sandbox.serviceUrl, /trying again/);
  expect(said).toMatch(/no answer from the Kubernetes API server at https:\/\/127\.0\.0\.1:9/);
});

test('a web page instead of the API server is said to be one', async () => {
  const kubeconfig = kubeconfigTo(await webPage());
  const [said] = await warningsOf(kubeconfig, sandbox.serviceUrl, /trying again/);
  expect(said).toMatch(/answered with a web page .* no Kubernetes API server/);
});

test.each([
  {
    name: 'an unreachable service',
    url: async () => nowhere,
    says: /got no answer from http:\/\/127\.0\.0\.1:9: connection refused/,
  },
  {
    name: 'a web page instead of the service',
    url: webPage,
    says: /no answer of a Control Service/,
  },
])('plan with $name is one sentence for all objects', async ({ url, says }) => {
  const { code, stdout, stderr } = await runProgram(['plan', '-f', examples], {
    env: {
      KUBECONFIG: sandbox.kubeconfigFile,
      VDK_CONTROL_SERVICE_REST_API_URL: await url(),
      VDK_CONTROL_HTTP_TOTAL_RETRIES: '0',
    },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(says);
});

test('plan with an unreachable API server is one sentence', async () => {
  const { code, stdout, stderr } = await runProgram(['plan', '-f', examples], {
    env: {
      KUBECONFIG: kubeconfigTo('https://127.0.0.1:9'),
      VDK_CONTROL_SERVICE_REST_API_URL: sandbox.serviceUrl,
    },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Cannot read namespaces kube-system: no answer [^\n]+\)\.\n$/);
});

test('wrong variables of VDK are one line each', async () => {
  const { code, stderr } = await runProgram(['run'], {
    env: {
      VDK_CONTROL_SERVICE_REST_API_URL: sandbox.serviceUrl,
      VDK_API_TOKEN: 'canary-token',
      VDK_CONTROL_HTTP_READ_TIMEOUT_SECONDS: 'soon',
    },
  });
  expect(code).toBe(2);
  expect(stderr.trim().split('\n').sort()).toEqual([
    'VDK_API_TOKEN is set but VDK_API_TOKEN_AUTHORIZATION_URL is not: set both.',
    'VDK_CONTROL_HTTP_READ_TIMEOUT_SECONDS must be a number of seconds, but is "soon".',
  ]);
  expect(stderr).not.toContain('canary-token');
});

test('run looks after one namespace, and ends within seconds when told to', async () => {
  const env = {
    KUBECONFIG: sandbox.kubeconfigFile,
    VDK_CONTROL_SERVICE_REST_API_URL: sandbox.serviceUrl,
    DATAJOB_OPERATOR_NAMESPACE: 'default',
  };
  const command = startProgram(['run'], { env });
  await command.outputMatching(/"msg":"synced"/);
  const told = performance.now();
  command.kill('SIGINT');
  expect((await command.result).code).toBe(0);
  expect(performance.now() - told).toBeLessThan(5_000);
});
