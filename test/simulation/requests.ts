/** What a request is about: names for the coverage table, and the object or job that it names. */
import type { Side } from './plan.ts';

export interface Subject {
  /** For example `PATCH datajobs/status` or `POST deployments`. */
  readonly operation: string;
  readonly isWatch: boolean;
  readonly isWrite: boolean;
  /** Of the leader election, which is judged by itself. */
  readonly isLease: boolean;
  readonly namespace?: string | undefined;
  /** Of the object (kube) or of the job (service). */
  readonly name?: string | undefined;
  readonly team?: string | undefined;
}

const kubePath =
  /^\/apis?\/(?:[^/]+\/)?v[^/]+\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?(\/status)?$/;
const servicePath =
  /^\/data-jobs\/for-team\/([^/]+)\/jobs(?:\/([^/]+))?(?:\/(sources|deployments)(?:\/[^/]+)?)?$/;

export function subjectOf(side: Side, method: string, url: URL): Subject {
  const isWrite = method !== 'GET';
  if (side === 'kube') {
    const [, namespace, resource = 'unknown', name, status = ''] =
      kubePath.exec(url.pathname) ?? [];
    const isWatch = url.searchParams.get('watch') === 'true';
    const verb = isWatch ? 'WATCH' : method === 'GET' && name === undefined ? 'LIST' : method;
    const operation = `${verb} ${resource}${status}`;
    const isLease = resource === 'leases';
    return { operation, isWatch, isWrite, isLease, namespace, name };
  }
  const [, team, name, part] = servicePath.exec(url.pathname) ?? [];
  const what =
    part ?? (url.searchParams.has('query') ? 'query' : name === undefined ? 'jobs' : 'job');
  const decoded = (text: string | undefined) =>
    text === undefined ? undefined : decodeURIComponent(text);
  return {
    operation: `${method} ${what}`,
    isWatch: false,
    isWrite,
    isLease: false,
    name: decoded(name),
    team: decoded(team),
  };
}
