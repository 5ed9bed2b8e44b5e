/** How `jobsQuery` filters, searches and sorts jobs: one entry per property it knows. */
import type { DeployedRow, JobRow } from '../model.ts';
import { FetchProblem } from './errors.ts';

/** A job as the filters see it. */
export interface JobView {
  readonly job: JobRow;
  /** Undefined also when the query does not select deployments. */
  readonly deployed: DeployedRow | undefined;
  /** Undefined when the query does not select it. */
  readonly nextRun: number | undefined;
}

export interface Predicate {
  readonly property?: string | null;
  readonly pattern?: string | null;
  readonly sort?: 'ASC' | 'DESC' | null;
}

interface Property {
  /** As the service's own code calls it, in one of its messages. */
  readonly constant: string;
  readonly matches: (pattern: string) => (view: JobView) => boolean;
  readonly order?: (a: JobView, b: JobView) => number;
  /** For `search`: the selected path that makes it count, and the test. */
  readonly search?: { readonly path: string; readonly found: Finder };
}

type Finder = (view: JobView, search: string) => boolean;

const always = () => () => true;
const never = () => () => false;
const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const within = (value: string | null | undefined, part: string) =>
  part !== '' && (value ?? '').toLowerCase().includes(part.toLowerCase());

/** enabled, disabled, not deployed: in this order. */
const enabledRank = ({ deployed }: JobView) =>
  deployed === undefined ? 2 : deployed.enabled ? 0 : 1;
const enabledWords = ['enabled', 'disabled', 'not_deployed'];
const hasContact = ({ job }: JobView) =>
  Object.values(job.contacts).some((list) => list.length > 0);
const lastStatus = ({ job, deployed }: JobView) =>
  deployed === undefined ? undefined : job.lastExecution?.status;

const properties: Readonly<Record<string, Property>> = {
  jobName: {
    constant: 'JOB_NAME',
    matches: (pattern) => {
      const expression = pattern.includes('*')
        ? new RegExp(
            `^${pattern
              .replace(/[.+^${}()|[\]\\]/g, '\\$&')
              .replaceAll('*', '.*')
              .replaceAll('?', '.')}$`,
            'i',
          )
        : undefined;
      return ({ job }) =>
        expression?.test(job.name) ?? job.name.toLowerCase() === pattern.toLowerCase();
    },
    order: (a, b) => text(a.job.name, b.job.name),
    search: { path: 'content.jobName', found: ({ job }, search) => within(job.name, search) },
  },
  'config.team': {
    constant: 'JOB_TEAM',
    matches: (pattern) => {
      const expression = teamExpression(pattern);
      return ({ job }) => expression.test(job.team);
    },
    order: (a, b) => text(a.job.team, b.job.team),
    search: { path: 'content.config.team', found: ({ job }, search) => within(job.team, search) },
  },
  'config.description': {
    constant: 'JOB_DESCRIPTION',
    matches: (pattern) => (view) => within(view.job.description, pattern),
    order: (a, b) => text(a.job.description ?? '', b.job.description ?? ''),
    search: {
      path: 'content.config.description',
      found: ({ job }, search) => within(job.description, search),
    },
  },
  'config.schedule.nextRunEpochSeconds': {
    constant: 'JOB_NEXT_RUN',
    matches: (pattern) => {
      const inRange = range(pattern);
      return ({ nextRun }) => nextRun !== undefined && inRange(nextRun);
    },
    order: (a, b) => (a.nextRun ?? -1) - (b.nextRun ?? -1),
    search: {
      path: 'content.config.schedule.nextRunEpochSeconds',
      found: ({ nextRun }, search) => within(String(nextRun), search),
    },
  },
  'config.schedule.scheduleCron': {
    constant: 'JOB_SCHEDULE_CRON',
    matches: always,
    search: {
      path: 'content.config.schedule.scheduleCron',
      found: ({ job }, search) => within(job.schedule, search),
    },
  },
  'config.sourceUrl': { constant: 'JOB_SOURCE_URL', matches: always },
  'config.contacts.present': {
    constant: 'JOB_CONTACTS_PRESENT',
    matches: always,
    order: (a, b) => Number(hasContact(a)) - Number(hasContact(b)),
  },
  'deployments.enabled': {
    constant: 'DEPLOYMENT_ENABLED',
    matches: (pattern) => (view) => enabledWords[enabledRank(view)] === pattern,
    order: (a, b) => enabledRank(a) - enabledRank(b),
    search: {
      path: 'content.deployments.enabled',
      found: (view, search) => enabledWords[enabledRank(view)] === search,
    },
  },
  'deployments.jobPythonVersion': {
    constant: 'DEPLOYMENT_PYTHON_VERSION',
    matches: (pattern) => (view) => within(view.deployed?.pythonVersion, pattern),
    order: (a, b) => text(pythonOf(a), pythonOf(b)),
    search: {
      path: 'content.deployments.jobPythonVersion',
      found: ({ deployed }, search) => within(deployed?.pythonVersion, search),
    },
  },
  'deployments.lastExecutionStatus': {
    constant: 'DEPLOYMENT_EXECUTION_STATUS',
    matches: (pattern) => (view) => lastStatus(view) === pattern,
    order: (a, b) => text(lastStatus(a) ?? '', lastStatus(b) ?? ''),
    search: {
      path: 'content.deployments.lastExecutionStatus',
      found: (view, search) => lastStatus(view) === search,
    },
  },
  'deployments.lastExecutionTime': {
    constant: 'DEPLOYMENT_EXECUTION_TIME',
    matches: (pattern) => {
      const inRange = range(pattern);
      return ({ job, deployed }) =>
        deployed !== undefined && job.lastExecution !== null && inRange(lastTime(job));
    },
    order: (a, b) => lastTime(a.job) - lastTime(b.job),
  },
  'deployments.lastExecutionDuration': {
    constant: 'DEPLOYMENT_EXECUTION_DURATION',
    matches: never,
    order: (a, b) =>
      (a.job.lastExecution?.durationSeconds ?? 0) - (b.job.lastExecution?.durationSeconds ?? 0),
  },
};

/** The jobs that hold to all predicates and the search, in the order that is asked for. */
export function selectJobs(
  views: readonly JobView[],
  filter: readonly (Predicate | null)[],
  search: string,
  selected: ReadonlySet<string>,
): readonly JobView[] {
  const predicates = filter.map((each) => checked(each ?? {}));
  refuseDuplicates(predicates);
  const tests = predicates.flatMap(({ property, pattern }) =>
    pattern == null ? [] : [property.matches(pattern)],
  );
  const searchable = Object.values(properties).flatMap((each) =>
    each.search !== undefined && selected.has(each.search.path) ? [each.search.found] : [],
  );
  const kept = views.filter(
    (view) =>
      tests.every((test) => test(view)) &&
      (search === '' || searchable.some((found) => found(view, search))),
  );
  const sort = predicates.findLast((each) => each.sort != null && each.property.order);
  const order = sort?.property.order ?? properties.jobName?.order;
  const sign = sort?.sort === 'DESC' ? -1 : 1;
  return order === undefined ? kept : kept.sort((a, b) => sign * order(a, b));
}

interface Checked {
  readonly property: Property;
  readonly pattern: string | null | undefined;
  readonly sort: Predicate['sort'];
}

function checked({ property: name, pattern, sort }: Predicate): Checked {
  const property = Object.hasOwn(properties, name ?? '') ? properties[name ?? ''] : undefined;
  if (property === undefined || (pattern == null && sort == null)) {
    throw new FetchProblem(
      `Provided filter for ${name ?? 'null'} is either not valid or currently not supported`,
      true,
    );
  }
  return { property, pattern, sort };
}

function refuseDuplicates(predicates: readonly Checked[]): void {
  const seen = new Set<string>();
  for (const { property, pattern, sort } of predicates) {
    const key = JSON.stringify([property.constant, pattern ?? null, sort ?? null]);
    if (seen.has(key)) {
      throw new FetchProblem(
        `No duplicate keys allowed in Filter Strategy Map. Duplicate was: ${property.constant}`,
      );
    }
    seen.add(key);
  }
}

/** A regular expression of the caller's, in which `%` stands for any text. */
function teamExpression(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern.replaceAll('%', '.*')})$`, 'i');
  } catch {
    throw new FetchProblem(`The pattern '${pattern}' is not a regular expression`);
  }
}

function range(pattern: string): (value: number) => boolean {
  const bounds = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(pattern);
  if (pattern === '') return () => false;
  if (bounds === null) throw new FetchProblem(`The range '${pattern}' is not of the form from-to`);
  return (value) => value >= Number(bounds[1]) && value <= Number(bounds[2]);
}

function pythonOf({ deployed, job }: JobView): string {
  if (deployed === undefined) throw new FetchProblem(`The job '${job.name}' is not deployed`);
  return deployed.pythonVersion;
}

const lastTime = (job: JobRow) =>
  job.lastExecution === null ? 0 : Math.trunc(Date.parse(job.lastExecution.time) / 1000);
