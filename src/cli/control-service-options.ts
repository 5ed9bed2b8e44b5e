/** The options of `control-service`: how the embedded service behaves, and where it listens. */
import {
  choiceParser,
  durationParser,
  integerParser,
  parseSwitch,
  parseText,
  type Setting,
} from './settings.ts';
import { UsageError } from './usage-error.ts';

const second = 1_000;
const hour = 3_600 * second;

export const controlServiceOptions = {
  port: {
    flag: '--port <port>',
    about: 'Port on 127.0.0.1; 0 takes a free one.',
    // The real service's own.
    fallback: '8092',
    parse: integerParser(0, 65_535),
  },
  data: {
    flag: '--data <file>',
    about: 'Keeps the state over restarts, also after a kill -9.',
    fallbackText: 'all is gone at the end',
    parse: parseText,
  },
  persistence: {
    flag: '--persistence <mode>',
    about: 'Where deployments are kept: K8S, DB or BOTH.',
    fallback: 'K8S',
    parse: choiceParser(['K8S', 'DB', 'BOTH']),
  },
  auth: {
    flag: '--auth',
    about: 'Security on, with an issuer of its own; says how to log in.',
    fallback: 'false',
    parse: parseSwitch,
  },
  secrets: {
    flag: '--no-secrets',
    about: 'Secrets and OAuth credentials are answered 501, as where the service has no Vault.',
    fallback: 'true',
    parse: parseSwitch,
  },
  latency: {
    flag: '--latency <duration>',
    about: 'A wait before every answer.',
    fallback: '0s',
    parse: durationParser(0, hour),
  },
  faultRate: {
    flag: '--fault-rate <part>',
    about: 'The part of requests, 0 to 1, that is answered 503 with nothing done.',
    fallback: '0',
    parse: parsePart,
  },
  deployTime: {
    flag: '--deploy-time <duration>',
    about: 'How long a deployment takes.',
    fallback: '2s',
    parse: durationParser(0, 24 * hour),
  },
  failDeployments: {
    flag: '--fail-deployments <glob>',
    about: 'Jobs whose builds fail: a name, with * for any text.',
    fallbackText: 'none',
    parse: parseText,
  },
  runTime: {
    flag: '--run-time <duration>',
    about: 'How long the simulated run of a job takes.',
    fallback: '5s',
    parse: durationParser(0, 24 * hour),
  },
  verbose: {
    flag: '-v, --verbose',
    about: 'One line for each request.',
    fallback: 'false',
    parse: parseSwitch,
  },
} as const satisfies Record<string, Setting<unknown>>;

function parsePart(text: string): number {
  const part = /^\d*\.?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(part >= 0 && part <= 1)) {
    throw new UsageError(`must be a number from 0 to 1, not "${text}".`);
  }
  return part;
}
