import { expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { createManualClock } from '../support/manual-clock.ts';

async function commandLine(args: readonly string[], env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' };
  const outputTo = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      written[name] += text;
    },
    isTerminal: false,
    columns: undefined,
  });
  const code = await runCommandLine({
    process: {
      args,
      env: { HOME: '/nonexistent', ...env },
      workingDirectory: '/nonexistent',
      stdout: outputTo('stdout'),
      stderr: outputTo('stderr'),
      stop: new AbortController().signal,
    },
    files: systemFiles,
    clock: createManualClock(),
    random: systemRandom,
  });
  return { code, ...written };
}

const url = 'http://127.0.0.1:9';

test.each([
  {
    name: 'an unknown command',
    args: ['sandbx'],
    says: "error: unknown command 'sandbx'\n(Did you mean sandbox?)\n",
  },
  {
    name: 'an unknown option',
    args: ['sandbox', '--onec'],
    says: "error: unknown option '--onec'\n(Did you mean --once?)\n",
  },
  {
    name: 'an option without its value',
    args: ['sandbox', '--timeout'],
    says: "error: option '--timeout <duration>' argument missing\n",
  },
  {
    name: 'something that belongs to no option',
    args: ['plan', 'examples'],
    says: "error: too many arguments for 'plan'. Expected 0 arguments but got 1: examples.\n",
  },
  {
    name: 'two wrong values',
    args: ['run', '--concurrency', '0', '--poll-interval', 'often'],
    says:
      '--concurrency must be a whole number from 1 to 1000, not "0".\n' +
      '--poll-interval must be a duration like 500ms, 30s, 5m or 1h, not "often".\n',
  },
  {
    name: 'a wrong variable',
    args: ['run'],
    env: { DATAJOB_OPERATOR_LOG_LEVEL: 'loud' },
    says: 'DATAJOB_OPERATOR_LOG_LEVEL must be one of debug, info, warn, error, silent, not "loud".\n',
  },
  {
    name: 'a label selector that no API server would take, before anything is contacted',
    args: ['run', '--control-service-url', url, '--watch-label-selector', 'shard in a'],
    says:
      '--watch-label-selector must be a label selector, not "shard in a": ' +
      "unable to parse requirement: found 'a' expected: '('.\n",
  },
  {
    name: 'run without a service',
    args: ['run'],
    says: 'Which Control Service? Set VDK_CONTROL_SERVICE_REST_API_URL, or give --control-service-url.\n',
  },
  {
    name: 'plan without manifests',
    args: ['plan'],
    says: 'plan needs manifests: -f FILE, or -f FOLDER for all files in it.\n',
  },
  {
    name: 'plan of what is not there',
    args: ['plan', '-f', 'gone.yaml'],
    says: 'gone.yaml: there is no such file or folder.\n',
  },
  {
    name: 'a kubeconfig that is not there',
    args: ['run', '--control-service-url', url, '--kubeconfig', '/nonexistent/config'],
    says: /^The kubeconfig \/nonexistent\/config cannot be read: .*\.\n$/,
  },
])('$name: a sentence on standard error, nothing on standard output, exit code 2', async (use) => {
  const { code, stdout, stderr } = await commandLine(use.args, use.env);
  if (typeof use.says === 'string') expect(stderr).toBe(use.says);
  else expect(stderr).toMatch(use.says);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test.each([['--help'], ['sandbox', '--help'], ['run', '--help'], ['plan', '--help']])(
  '%s %s is answered on standard output with 0',
  async (...args) => {
    const { code, stdout, stderr } = await commandLine(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: datajob-operator/);
  },
);

test('--version is that of the package', async () => {
  const { code, stdout } = await commandLine(['--version']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});
