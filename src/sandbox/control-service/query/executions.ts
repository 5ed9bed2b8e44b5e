/** The root field `executions`, and the executions inside a deployment. */
import type { ExecutionRow } from '../model.ts';
import { logsUrl } from '../operations/execution-json.ts';
import { instant, type World } from '../world.ts';
import { FetchProblem, WrongValue } from './errors.ts';
import { totals } from './paging.ts';

export interface ExecutionArguments {
  readonly pageNumber?: number | null;
  readonly pageSize?: number | null;
  readonly filter?: {
    readonly startTimeGte?: unknown;
    readonly startTimeLte?: unknown;
    readonly endTimeGte?: unknown;
    readonly endTimeLte?: unknown;
    readonly statusIn?: readonly (string | null)[] | null;
    readonly jobNameIn?: readonly (string | null)[] | null;
    readonly teamNameIn?: readonly (string | null)[] | null;
  } | null;
  readonly order?: {
    readonly property?: string | null;
    readonly direction?: 'ASC' | 'DESC' | null;
  } | null;
}

type Key = (row: ExecutionRow, world: World) => string | number;

const orderKeys: Readonly<Record<string, Key>> = {
  startTime: (row) => row.startUs,
  vdkVersion: (row) => row.deployment.vdk_version ?? '',
  id: (row) => row.id,
  jobVersion: (row) => row.deployment.job_version ?? '',
  endTime: (row) => row.endUs ?? 0,
  lastDeployedDate: (row) => row.deployment.deployed_date ?? '',
  type: (row) => row.type,
  status: (row) => row.status,
  jobName: (row) => row.jobName,
  opId: (row) => row.opId,
  jobSchedule: (row) => row.deployment.schedule ?? '',
  jobTeam: (row, { store }) => store.jobs.get(row.jobName)?.team ?? '',
  startedBy: (row) => row.startedBy ?? '',
  message: (row) => row.message ?? '',
  lastDeployedBy: (row) => row.deployment.deployed_by ?? '',
};

export function fetchExecutions(world: World, args: ExecutionArguments): unknown {
  const rows = selected(world, world.store.executions.all(), args);
  const page = pageOf(rows, args);
  const size = args.pageSize ?? Math.max(rows.length, 1);
  return { content: page.map((row) => graphExecution(world, row)), ...totals(rows.length, size) };
}

export function nestedExecutions(world: World, jobName: string, args: ExecutionArguments) {
  if (args.filter?.jobNameIn != null) {
    throw new FetchProblem('The jobNameIn filter is not supported for nested executions');
  }
  return pageOf(selected(world, world.store.executions.of(jobName), args), args);
}

export function graphExecution(world: World, row: ExecutionRow): unknown {
  const { deployment } = row;
  return {
    id: row.id,
    type: row.type.toUpperCase(),
    jobName: row.jobName,
    status: row.status.toUpperCase(),
    startTime: instant(row.startUs),
    endTime: row.endUs === null ? null : instant(row.endUs),
    startedBy: row.startedBy,
    message: row.message,
    opId: row.opId,
    logsUrl: logsUrl(world.settings, row),
    deployment: {
      id: 'release',
      enabled: true,
      contacts: null,
      jobVersion: deployment.job_version,
      // REST has it, this does not.
      jobPythonVersion: null,
      deployedDate: deployment.deployed_date,
      deployedBy: deployment.deployed_by,
      mode: 'release',
      resources: {
        cpuLimit: deployment.resources?.cpu_limit ?? null,
        cpuRequest: deployment.resources?.cpu_request ?? null,
        memoryLimit: deployment.resources?.memory_limit ?? null,
        memoryRequest: deployment.resources?.memory_request ?? null,
      },
      schedule: { scheduleCron: deployment.schedule },
      vdkVersion: deployment.vdk_version,
      status: null,
    },
  };
}

/** Page number and size come together or not at all; without them everything is meant. */
function pageOf(rows: readonly ExecutionRow[], { pageNumber, pageSize }: ExecutionArguments) {
  if (pageNumber == null && pageSize == null) return rows;
  if (pageNumber == null || pageSize == null) {
    throw new FetchProblem('Executions field must contain both pageNumber and pageSize');
  }
  if (pageNumber < 1) throw new FetchProblem('Page cannot be less than 1');
  if (pageSize < 1) throw new FetchProblem('Page size cannot be less than 1');
  return rows.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
}

function selected(
  world: World,
  rows: readonly ExecutionRow[],
  { filter, order }: ExecutionArguments,
): readonly ExecutionRow[] {
  const startFrom = moment('startTimeGte', filter?.startTimeGte) ?? Number.NEGATIVE_INFINITY;
  const startTo = moment('startTimeLte', filter?.startTimeLte) ?? Number.POSITIVE_INFINITY;
  const endFrom = moment('endTimeGte', filter?.endTimeGte);
  const endTo = moment('endTimeLte', filter?.endTimeLte);
  const isIn = (list: readonly (string | null)[] | null | undefined, value: string | undefined) =>
    list == null || list.includes(value ?? null);
  const kept = rows.filter((row) => {
    const ended = row.endUs ?? Number.NaN;
    return (
      row.startUs >= startFrom &&
      row.startUs <= startTo &&
      (endFrom === undefined || ended >= endFrom) &&
      (endTo === undefined || ended <= endTo) &&
      isIn(filter?.statusIn, row.status.toUpperCase()) &&
      isIn(filter?.jobNameIn, row.jobName) &&
      isIn(filter?.teamNameIn, world.store.jobs.get(row.jobName)?.team)
    );
  });
  return ordered(world, kept, order);
}

function ordered(
  world: World,
  rows: readonly ExecutionRow[],
  order: ExecutionArguments['order'],
): readonly ExecutionRow[] {
  if (order == null) return rows;
  const property = order.property ?? '';
  const key = Object.hasOwn(orderKeys, property) ? orderKeys[property] : undefined;
  if (key === undefined) {
    throw new FetchProblem(`order.property must be in [${Object.keys(orderKeys).join(',')}]`);
  }
  if (order.direction == null) {
    throw new FetchProblem('Executions field must contain order.direction');
  }
  const sign = order.direction === 'DESC' ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [key(a, world), key(b, world)];
    return sign * (left < right ? -1 : left > right ? 1 : 0);
  });
}

/** An RFC 3339 moment in microseconds. */
function moment(argument: string, value: unknown): number | undefined {
  if (value == null) return undefined;
  const text = String(value);
  const pattern = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
  const ms = pattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new WrongValue(
      `filter.${argument}`,
      `argument 'filter.${argument}' with value 'StringValue{value='${text}'}' is not a valid 'DateTime' - ` +
        `Invalid RFC3339 value : '${text}'. because of : 'Text '${text}' could not be parsed at index 0'`,
    );
  }
  return ms * 1000;
}
