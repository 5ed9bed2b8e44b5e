/** The shape of one operation's description. The operations themselves are in `operations-*.ts`. */
import type { z } from 'zod';

export const tags = [
  'Data Jobs',
  'Data Jobs Deployment',
  'Data Jobs Execution',
  'Data Jobs Properties',
  'Data Jobs Secrets',
  'Data Jobs Service',
  'Data Jobs Sources',
] as const;
type Tag = (typeof tags)[number];

export interface Operation {
  readonly tag: Tag;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{snake_case}` parameters, all of them required strings. */
  readonly path: string;
  readonly summary: string;
  /** What it really does, and what surprises. */
  readonly doc: string;
  /** Stable: promised by the service's document. unmarked: in it, without a promise. */
  readonly stability: 'stable' | 'unmarked';
  readonly query: Readonly<Record<string, QueryParameter>>;
  readonly request?: RequestBody;
  readonly success: Success;
  readonly errors: readonly ErrorAnswer[];
  /** Whether sending the same call again leaves the same state and an answer that means the same. */
  readonly safeToRepeat: boolean;
  /** Answered without a token even when security is on. */
  readonly open?: true;
  /** Statuses that the service's document names and the service never sends. */
  readonly documentedOnly?: readonly { readonly status: number; readonly reason: string }[];
}

export interface QueryParameter {
  readonly schema: z.ZodType;
  readonly doc: string;
  /** The text is JSON: the client takes an object. */
  readonly json?: true;
  /** Why nobody may send it; the client does not offer it. */
  readonly unusable?: string;
}

export interface RequestBody {
  readonly mediaType: 'application/json' | 'application/octet-stream';
  readonly schema: z.ZodType | 'bytes';
  /** Whether the service fails without one. */
  readonly required: boolean;
  /** What the service's document says; `required` is what is true. */
  readonly requiredInDocument: boolean;
  /** The client may be called without one and sends `{}`. */
  readonly emptyByDefault?: true;
  /** Its values are secret: they never appear in errors. */
  readonly secret?: true;
  /** A sentence when the body must not be sent. */
  readonly refuse?: (body: unknown) => string | undefined;
}

export interface Success {
  readonly status: 200 | 201 | 202 | 204;
  readonly body: z.ZodType | 'bytes' | 'none';
  readonly doc: string;
  /** Answers with a `Location`; its last segment becomes this member of the client's result. */
  readonly locationId?: 'jobName' | 'executionId';
  /** A body without a byte is a good one. */
  readonly mayBeEmpty?: true;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: 'fourField' | 'empty' | 'framework' | 'query';
  readonly when: string;
  /** Why the service's document lacks this status for the operation. */
  readonly undocumented?: string;
}

/** The path of one job, under which most operations are. */
export const jobPath = '/data-jobs/for-team/{team_name}/jobs/{job_name}';
