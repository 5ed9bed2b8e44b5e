/**
 * What an embedded Control Service is told: the seams it stands on, and how it behaves. Every
 * default is the real service's, or the smallest value that keeps its behaviour visible.
 */
import type { Clock } from '../../platform/clock.ts';
import type { HttpTransport } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import type { Random } from '../../platform/random.ts';

/** Where deployments are kept: in the cluster (most installations), in the database, or in both. */
export type Persistence = 'K8S' | 'DB' | 'BOTH';

/** A run that is about to start in the simulated cluster. */
export interface RunRequest {
  readonly executionId: string;
  readonly jobName: string;
  readonly type: 'manual' | 'scheduled';
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a run does, and how it looks when it has ended. */
export interface RunScript {
  readonly runTimeMs: number;
  /** What the run leaves behind: JSON as VDK writes it, any other text, or nothing. */
  readonly terminationMessage: string | null;
  /** How the cluster sees the end; `lost` and `never-started`: the run vanishes without one. */
  readonly ending: 'complete' | 'failed' | 'lost' | 'never-started';
  readonly logs: string;
}

/** Systems behind the service that can be out of reach. */
export type OutsideSystem = 'KUBERNETES' | 'Git';

/** Webhooks that have a say, called over `transport`. */
export interface WebhookSettings {
  readonly transport: HttpTransport;
  /** Asked before a job is created: the request's path is appended. */
  readonly postCreateUrl?: string;
  /** Asked when a job is deleted: the request's path is appended. */
  readonly postDeleteUrl?: string;
  /** Asked about every call of a named user, as it stands. */
  readonly authorizationUrl?: string;
}

/** Security on: who may get tokens from the service's own issuer, and what they must hold. */
export interface SecuritySettings {
  /** API tokens (refresh tokens, as VDK's clients send them) and the users they stand for. */
  readonly apiTokens?: Readonly<Record<string, string>>;
  /** Clients of the client-credentials grant and their secrets; their tokens name no user. */
  readonly clients?: Readonly<Record<string, string>>;
  /** How long an access token lives. */
  readonly tokenLifetimeSeconds?: number;
  /** A claim that must hold one of these values. */
  readonly requiredClaim?: { readonly name: string; readonly values: readonly string[] };
  /** Roles (claim `roles` or the scopes) of which a token must hold one. */
  readonly requiredRoles?: readonly string[];
}

export interface ControlServiceSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A file that keeps the state over restarts; in memory when absent. */
  readonly databaseFile?: string;
  readonly persistence?: Persistence;
  /** From the answer of a deployment POST until its image is built. */
  readonly deployTimeMs?: number;
  /** How long a failed build is waited for before it counts as failed. */
  readonly builderWaitMs?: number;
  /** Data jobs whose builds fail: a name, with `*` for any text. */
  readonly failDeployments?: string;
  /** Pause between two runs of the synchronizer (persistence DB). */
  readonly synchronizerIntervalMs?: number;
  /** From the start of the service to the synchronizer's first run. */
  readonly synchronizerStartMs?: number;
  /** The strings that `python_version` must equal; the first is the default. */
  readonly supportedPythonVersions?: readonly string[];
  /** From the start of a simulated run until its pod runs. */
  readonly podStartMs?: number;
  /** How long a simulated run takes. */
  readonly runTimeMs?: number;
  /** What a simulated run does, where it differs from the standard: it succeeds. */
  readonly simulateRun?: (run: RunRequest) => Partial<RunScript>;
  /** What `logs_url` of an execution is made from; `{{start_time}}` and the like are filled in. */
  readonly logsUrlTemplate?: string;
  /** What `Location` headers start with; the request's own origin when absent. */
  readonly baseUrl?: string;
  /** Larger request bodies are refused with 413. */
  readonly bodyMaxBytes?: number;
  /** Whether secrets and OAuth credentials have a store; without one they are answered 501. */
  readonly secrets?: 'on' | 'off';
  /**
   * With a store: whether a team without credentials gets some when a job with a keytab is created,
   * as a webhook does it in most installations. Without, such a create fails.
   */
  readonly oauthApplications?: boolean;
  /** Larger sets of secrets are refused with 413. */
  readonly secretsMaxBytes?: number;
  /** Extensions that are silently taken out of uploads, and the only ones let in when given. */
  readonly uploads?: { readonly remove?: readonly string[]; readonly allow?: readonly string[] };
  readonly webhooks?: WebhookSettings;
  readonly security?: SecuritySettings;
  /** Whether a system behind the service is out of reach right now. */
  readonly isDown?: (system: OutsideSystem) => boolean;
  /** A wait before every answer, as a network has it. */
  readonly latencyMs?: number;
  /** The part of all API requests (0 to 1) that is answered 503 with nothing done. */
  readonly faultRate?: number;
}

/** The settings with nothing left open but what is truly optional. */
export type Settings = Required<Omit<ControlServiceSettings, Optional>> &
  Pick<ControlServiceSettings, Optional>;

type Optional = 'databaseFile' | 'baseUrl' | 'simulateRun' | 'webhooks' | 'security';

const defaults = {
  persistence: 'K8S',
  // Long enough to be seen as "not yet", short enough to wait for.
  deployTimeMs: 2_000,
  // The service's own default for its image builder.
  builderWaitMs: 1_800_000,
  failDeployments: '',
  synchronizerIntervalMs: 60_000,
  synchronizerStartMs: 10_000,
  podStartMs: 1_000,
  runTimeMs: 5_000,
  logsUrlTemplate: '',
  supportedPythonVersions: ['3.9', '3.11'],
  // The real service has no limit; this one shares its process with the operator.
  bodyMaxBytes: 64 * 1024 * 1024,
  secrets: 'off',
  oauthApplications: true,
  // The service's own default.
  secretsMaxBytes: 1_048_576,
  uploads: {},
  isDown: () => false,
  latencyMs: 0,
  faultRate: 0,
} as const satisfies Partial<ControlServiceSettings>;

export function withDefaults(settings: ControlServiceSettings): Settings {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(given) as unknown as ControlServiceSettings) };
}
