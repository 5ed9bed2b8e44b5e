/** What a conformance case is: one behaviour of the Data Jobs API, judged alike on every service. */
import type { OperationId } from '../../../src/control-service/contract.ts';
import { casesNotMet } from '../../sandbox/control-service/known-differences.ts';
import type { Bench } from './bench.ts';
import type { Facts } from './facts.ts';
import type { Target } from './target.ts';

export interface ConformanceCase {
  /** A sentence that says what is shown. */
  readonly name: string;
  /** The operations whose behaviour it shows; it calls every one of them. */
  readonly covers: readonly OperationId[];
  /** The traps of the reference that it shows, by their numbers. */
  readonly traps?: readonly number[];
  readonly needs?: readonly Need[];
  readonly run: (bench: Bench) => Promise<void>;
}

type Condition = readonly [holds: (facts: Facts, target: Target) => boolean, otherwise: string];

/** What a case can need of a service or of us, and what is said where that is missing. */
const conditions = {
  cluster: [
    ({ mode }) => mode !== 'DB',
    'the service keeps deployments in its database, and shows those (persistence DB)',
  ],
  database: [
    ({ mode }) => mode === 'DB',
    'the service shows the deployments of its cluster (persistence K8S or BOTH)',
  ],
  security: [({ security }) => security, 'security is off'],
  noSecurity: [({ security }) => !security, 'security is on'],
  secretStore: [({ secretStore }) => secretStore, 'the service has no secret store'],
  noSecretStore: [({ secretStore }) => !secretStore, 'the service has a secret store'],
  gauge: [({ gauge }) => gauge, 'the page of metrics cannot be read'],
  credentials: [
    ({ secretStore }, { mayLeaveCredentials }) => !secretStore || mayLeaveCredentials,
    'OAuth credentials of a team cannot be taken away again, and a run leaves nothing behind (--may-leave-credentials allows it)',
  ],
  secondPython: [
    ({ pythonVersions }) => pythonVersions.length > 1,
    'the service supports one python version only',
  ],
  // What only the one who starts the service can bring about.
  simulation: [
    (_, { powers }) => powers !== undefined,
    'only a simulated service builds, runs and grows old as it is told',
  ],
  webhooks: [
    (_, { powers }) => powers !== undefined,
    'webhooks cannot be set up from outside of the service',
  ],
  outages: [
    (_, { powers }) => powers !== undefined,
    'an outage of a system behind the service cannot be brought about from outside',
  ],
  ownTokens: [
    ({ security }, { powers }) => security && powers !== undefined,
    'tokens of our own making need the key of the issuer',
  ],
} as const satisfies Record<string, Condition>;

export type Need = keyof typeof conditions;

/** Why a case does not apply, or undefined when it does. */
export function unmetNeed(
  { name, needs = [] }: ConformanceCase,
  facts: Facts,
  target: Target,
): string | undefined {
  const known = casesNotMet.find((each) => each.name === name);
  if (facts.embedded && known !== undefined) return `known difference: ${known.why}`;
  const unmet = needs.find((need) => !(conditions[need] as Condition)[0](facts, target));
  return unmet === undefined ? undefined : conditions[unmet][1];
}
