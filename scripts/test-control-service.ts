/**
 * Judges a running Control Service by the conformance suite: `npm run test:control-service -- --url
 * U [--token T]`. Without a token VDK's own variables for an API token count. Leaves nothing behind.
 */
import process from 'node:process';
import { Command } from 'commander';
import {
  addOptions,
  choiceParser,
  durationParser,
  integerParser,
  parseHttpUrl,
  parseSwitch,
  parseText,
  readSettings,
  type Setting,
} from '../src/cli/settings.ts';
import { UsageError } from '../src/cli/usage-error.ts';
import { bearerAuth } from '../src/control-service/auth/bearer.ts';
import { authFromEnvironment } from '../src/control-service/auth/from-environment.ts';
import { readEnvironment } from '../src/control-service/settings.ts';
import { systemClock } from '../src/platform/clock.ts';
import { OperatorError } from '../src/platform/errors.ts';
import { systemProcess } from '../src/platform/process.ts';
import { judgeLive } from '../test/conformance/control-service/live.ts';

const hourMs = 3_600_000;

const options = {
  url: {
    flag: '--url <url>',
    env: 'VDK_CONTROL_SERVICE_REST_API_URL',
    about: 'Where the service is, without /data-jobs.',
    fallbackText: 'none, so it must be given',
    parse: parseHttpUrl,
  },
  token: {
    flag: '--token <token>',
    about: 'An access token.',
    fallbackText: 'VDK_API_TOKEN and VDK_API_TOKEN_AUTHORIZATION_URL, else none',
    parse: parseText,
  },
  mode: {
    flag: '--mode <mode>',
    about: 'Where the service keeps deployments: K8S, DB or BOTH.',
    fallbackText: 'found out',
    parse: choiceParser(['K8S', 'DB', 'BOTH']),
  },
  patience: {
    flag: '--patience <duration>',
    about: 'The longest wait for a deployment or a run.',
    // A real build takes a few minutes, and a run of the synchronizer one more.
    fallback: '10m',
    parse: durationParser(1_000, hourMs),
  },
  parallel: {
    flag: '--parallel <count>',
    about: 'Cases at a time.',
    fallback: '4',
    parse: integerParser(1, 64),
  },
  mayLeaveCredentials: {
    flag: '--may-leave-credentials',
    about: 'Also runs the cases after which OAuth credentials of invented teams stay.',
    fallback: 'false',
    parse: parseSwitch,
  },
  case: {
    flag: '--case <text>',
    about: 'Only cases with this text in their names.',
    fallbackText: 'all',
    parse: parseText,
  },
} as const satisfies Record<string, Setting<unknown>>;

const { args, env, stdout, stderr, stop } = systemProcess();

try {
  const command = addOptions(new Command('test:control-service'), options);
  command.parse([...args], { from: 'user' });
  const settings = readSettings(options, command.opts(), env);
  const { url, token } = settings;
  if (url === undefined) throw new UsageError('Say with --url which service to judge.');
  const environment = readEnvironment(env);
  const passed = await judgeLive({
    ...settings,
    url,
    patienceMs: settings.patience,
    only: settings.case,
    authOver: (transport) =>
      token === undefined
        ? authFromEnvironment(environment, { transport, clock: systemClock })
        : bearerAuth(token),
    signal: stop,
    print: (line) => stdout.write(`${line}\n`),
  });
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError || error instanceof OperatorError)) throw error;
  stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
