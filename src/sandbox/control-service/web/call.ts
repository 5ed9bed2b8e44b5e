/** One request of the Data Jobs API as an operation sees it. */
import type { Answer } from './answers.ts';
import type { JsonNode } from './json.ts';

export interface Call {
  readonly request: Request;
  readonly opId: string;
  /** Who calls, when security and the authorization webhook say so. */
  readonly user: string | null;
  /** Decoded path parameters, by the names of the Data Jobs API. */
  readonly params: {
    readonly team_name: string;
    readonly job_name: string;
    readonly deployment_id: string;
    readonly execution_id: string;
    readonly new_team: string;
  };
  readonly query: URLSearchParams;
  /** The bound JSON body; null when an optional one is missing. */
  readonly body: unknown;
  /** The JSON body as it was written, for operations that take any values. */
  readonly json: JsonNode | undefined;
  /** The body of an upload. */
  readonly bytes: Uint8Array;
  /** What `Location` headers start with. */
  readonly baseUrl: string;
}

export type Operation = (call: Call) => Answer | Promise<Answer>;

/** The path of a job, percent-encoded, below a base URL. */
export function jobUrl(baseUrl: string, team: string, job: string): string {
  const encoded = [team, job].map(encodeURIComponent);
  return `${baseUrl}/data-jobs/for-team/${encoded[0]}/jobs/${encoded[1]}`;
}
