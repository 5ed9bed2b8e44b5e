/**
 * All jobs of a service, page by page, with the fields that the caller names and no others: their
 * choice is the type of the rows. What the service shows here can lack deployments when it cannot
 * reach Kubernetes, so a missing one is no proof.
 */
import { z } from 'zod';
import type { CallOptions, ControlServiceClient } from './client.ts';
import { listOf, maybe } from './contract/fields.ts';
import { ControlServiceError } from './errors.ts';

const words = () => maybe(z.string());
const wordList = () => maybe(listOf(z.string()));
const number = () => maybe(z.number());
const yesOrNo = () => maybe(z.boolean());

const deployment = z.object({
  id: words(),
  enabled: yesOrNo(),
  jobVersion: words(),
  jobPythonVersion: words(),
  vdkVersion: words(),
  mode: words(),
  lastDeployedDate: words(),
  lastDeployedBy: words(),
  lastExecutionStatus: words(),
  lastExecutionTime: words(),
  lastExecutionDuration: number(),
  successfulExecutions: number(),
  failedExecutions: number(),
});

const jobRow = z.object({
  jobName: words(),
  config: maybe(
    z.object({
      team: words(),
      description: words(),
      sourceUrl: words(),
      generateKeytab: yesOrNo(),
      schedule: maybe(z.object({ scheduleCron: words(), nextRunEpochSeconds: number() })),
      contacts: maybe(
        z.object({
          notifiedOnJobFailureUserError: wordList(),
          notifiedOnJobFailurePlatformError: wordList(),
          notifiedOnJobSuccess: wordList(),
          notifiedOnJobDeploy: wordList(),
        }),
      ),
    }),
  ),
  deployments: maybe(listOf(deployment)),
});

/** Every field that a query can ask for and that ever holds a value. */
export type QueryableJob = z.output<typeof jobRow>;

/** The same shape with `true` at the wanted fields. */
export type Selection<T> = T extends readonly (infer Item)[]
  ? Item extends object
    ? Selection<Item>
    : true
  : T extends object
    ? { readonly [Key in keyof T]?: Selection<NonNullable<T[Key]>> }
    : true;

/** Only what was selected; each of it may be missing. */
export type Selected<T, S> = S extends true
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Selected<Item, S>[]
    : T extends object
      ? { readonly [Key in keyof S & keyof T]?: Selected<NonNullable<T[Key]>, S[Key]> | undefined }
      : never;

interface JobFilter {
  readonly property:
    | 'jobName'
    | 'config.team'
    | 'config.description'
    | 'config.schedule.nextRunEpochSeconds'
    | 'deployments.enabled'
    | 'deployments.jobPythonVersion'
    | 'deployments.lastExecutionStatus'
    | 'deployments.lastExecutionTime';
  /** Means something else for each property; the team is a regular expression. */
  readonly pattern?: string;
  readonly sort?: 'ASC' | 'DESC';
}

export interface JobsQuery<S> {
  /** Any team: the one in the path filters nothing. */
  readonly teamName: string;
  readonly select: S;
  /** All must hold. */
  readonly filter?: readonly JobFilter[];
  /** Kept if found in any selected field. */
  readonly search?: string;
  readonly pageSize?: number;
}

/** A page of this size with all fields is about 100 kB and takes the service well under a second. */
const standardPageSize = 100;
/** With the standard size a million jobs; a service that never sends a short page is broken. */
const pagesMax = 10_000;
/** The address and all headers share 8 KB; this leaves 2 KB for the token and the rest. */
const queryCharsMax = 6_000;

/**
 * Rows in the order of their names unless sorted otherwise. Jobs that come or go meanwhile can be
 * shown twice or missed, as pages are cut anew on each request.
 */
export async function* queryJobs<const S extends Selection<QueryableJob>>(
  client: Pick<ControlServiceClient, 'jobsQuery'>,
  query: JobsQuery<S>,
  options: CallOptions = {},
): AsyncGenerator<Selected<QueryableJob, S>> {
  const { teamName, pageSize = standardPageSize } = query;
  for (let page = 1; page <= pagesMax; page += 1) {
    const text = jobsQueryText(query, page, pageSize);
    const answer = await client.jobsQuery({ teamName, query: text }, options);
    const rows = answer.data?.content;
    if (rows === undefined) throw broken('the answer has no rows, not even an empty list');
    for (const row of rows) yield decodeRow(row) as Selected<QueryableJob, S>;
    if (rows.length < pageSize) return;
  }
  throw broken(`there was no end after ${pagesMax} pages`);
}

/** The query of one page; throws when it does not fit into an address. */
export function jobsQueryText(
  { select, filter = [], search }: Omit<JobsQuery<unknown>, 'teamName'>,
  page: number,
  pageSize: number,
): string {
  const conditions = filter.map(({ property, pattern, sort }) => {
    const parts = [`property:${quoted(property)}`];
    if (pattern !== undefined) parts.push(`pattern:${quoted(pattern)}`);
    if (sort !== undefined) parts.push(`sort:${sort}`);
    return `{${parts.join(',')}}`;
  });
  const args = [
    `pageNumber:${page}`,
    `pageSize:${pageSize}`,
    ...(conditions.length === 0 ? [] : [`filter:[${conditions.join(',')}]`]),
    ...(search === undefined ? [] : [`search:${quoted(search)}`]),
  ];
  const text = `{jobs(${args.join(',')}){content${fields(select)}}}`;
  if (encodeURIComponent(text).length > queryCharsMax) {
    throw new ControlServiceError(
      'terminal',
      'InvalidQuery',
      `the query of jobs is longer than the ${queryCharsMax} characters that fit into an address. What to do: select or filter less.`,
      { operationId: 'jobsQuery' },
    );
  }
  return text;
}

/** GraphQL's string literals are JSON's. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

function fields(selection: unknown): string {
  const parts = Object.entries(selection as Readonly<Record<string, unknown>>)
    .filter(([, wanted]) => wanted !== undefined)
    .map(([name, wanted]) => (wanted === true ? name : `${name}${fields(wanted)}`));
  return `{${parts.join(' ')}}`;
}

function decodeRow(row: unknown): QueryableJob {
  const decoded = jobRow.safeParse(row);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  throw broken(`${issue?.path.map(String).join('.')}: ${issue?.message}`);
}

function broken(why: string): ControlServiceError {
  return new ControlServiceError(
    'transient',
    'ControlServiceUnavailable',
    `jobsQuery was answered with something unusable: ${why}. What to do: it is tried again; look at the Control Service if this goes on.`,
    { operationId: 'jobsQuery', why },
  );
}
