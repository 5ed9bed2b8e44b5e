/**
 * Traps of the real service, each broken as somebody would who "corrects" it: a handler around the
 * embedded one. The suite must notice every one of them, and name the case.
 */
import type { HttpHandler } from '../../../src/platform/http.ts';

export interface BrokenTrap {
  readonly trap: number;
  readonly broken: string;
  /** The case that must fail. */
  readonly caught: string;
  readonly around: (handler: HttpHandler) => HttpHandler;
}

const jobPath = '/data-jobs/for-team/[^/]+/jobs/[^/]+';

/** Requests whose answers are replaced; the method, and a pattern for the whole path. */
function answering(
  method: string,
  path: string,
  change: (response: Response, request: Request) => Response | Promise<Response>,
): BrokenTrap['around'] {
  return (handler) => async (request) => {
    const response = await handler(request);
    return isMeant(request, method, path) ? await change(response, request) : response;
  };
}

/** Requests that are done otherwise: `handler` does any part of them. */
function doing(
  method: string,
  path: string,
  work: (handler: HttpHandler, request: Request, path: string) => Promise<Response>,
): BrokenTrap['around'] {
  return (handler) => async (request) => {
    if (!isMeant(request, method, path)) return await handler(request);
    return await work(handler, request, new URL(request.url).pathname);
  };
}

function isMeant({ method, url }: Request, wanted: string, path: string): boolean {
  return method === wanted && new RegExp(`^${path}$`).test(new URL(url).pathname);
}

/** The same answer with another status. */
const status = (from: number, to: number) => (response: Response) =>
  response.status === from
    ? new Response(response.body, { status: to, headers: response.headers })
    : response;

const withBody = (from: number, body: object) => (response: Response) =>
  response.status === from ? Response.json(body, { status: from }) : response;

async function edited(
  response: Response,
  edit: (value: never) => unknown,
  only = 200,
): Promise<Response> {
  if (response.status !== only) return response;
  const headers = new Headers(response.headers);
  const value: unknown = await response.json();
  return new Response(JSON.stringify(edit(value as never)), { status: only, headers });
}

/** Another request to the same service, with the same credentials. */
function another(request: Request, method: string, pathname: string, body?: object): Request {
  const headers = new Headers(request.headers);
  for (const name of ['content-length', 'transfer-encoding']) headers.delete(name);
  if (body !== undefined) headers.set('content-type', 'application/json');
  return new Request(new URL(pathname, request.url), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

type Values = Readonly<Record<string, unknown>>;

export const brokenTraps: readonly BrokenTrap[] = [
  {
    trap: 1,
    broken: 'a taken name is told in a body',
    caught:
      'a taken name is answered 409 without a body, also to another team, and nothing changes',
    around: answering(
      'POST',
      '/data-jobs/for-team/[^/]+/jobs',
      withBody(409, { what: 'The name is taken.' }),
    ),
  },
  {
    trap: 2,
    broken: 'a name of five characters is accepted',
    caught: 'a job cannot have a name of 5 characters',
    around: doing('POST', '/data-jobs/for-team/[^/]+/jobs', async (handler, request) => {
      const body = await request.clone().text();
      return body.includes('"abcde"') ? new Response(null, { status: 201 }) : handler(request);
    }),
  },
  {
    trap: 3,
    broken: 'a 404 of a job has a body',
    caught: 'a job that is not there, or is of another team, is 404 without a body',
    around: answering('GET', jobPath, withBody(404, { messages: ['not found'] })),
  },
  {
    trap: 4,
    broken: 'a replacement is answered 201',
    caught: 'a replacement is answered 200 without a body',
    around: answering('PUT', jobPath, status(200, 201)),
  },
  {
    trap: 4,
    broken: 'a replacement keeps what it does not name',
    caught: 'a replacement with the name alone clears all, even what has a default',
    around: doing('PUT', jobPath, async (handler, request, path) => {
      const body: unknown = await request
        .clone()
        .json()
        .catch(() => undefined);
      const read = await handler(another(request, 'GET', path));
      if (read.status !== 200 || typeof body !== 'object' || body === null) return handler(request);
      const old = (await read.json()) as Values;
      return handler(another(request, 'PUT', path, { ...old, ...body }));
    }),
  },
  {
    trap: 8,
    broken: 'resources that cannot be set are ignored',
    caught: 'deploymentUpdate refuses cpu_limit with 400, before it looks for the job',
    around: doing('POST', `${jobPath}/deployments`, async (handler, request, path) => {
      const body: unknown = await request
        .clone()
        .json()
        .catch(() => undefined);
      if (typeof body !== 'object' || body === null) return handler(request);
      return handler(another(request, 'POST', path, { ...body, resources: {} }));
    }),
  },
  {
    trap: 12,
    broken: 'a deployment tells its status',
    caught: 'a deployment shows what runs, and nothing of how it came about',
    around: answering('GET', `${jobPath}/deployments`, (response) =>
      edited(response, (list: Values[]) => list.map((each) => ({ ...each, status: 'SUCCESS' }))),
    ),
  },
  {
    trap: 15,
    broken: 'a job is looked for before the python version',
    caught:
      'deploymentUpdate refuses an unsupported python version with 409, before it looks for the job',
    around: doing('POST', `${jobPath}/deployments`, async (handler, request, path) => {
      const job = await handler(another(request, 'GET', path.replace(/\/deployments$/, '')));
      return job.status === 404 ? job : handler(request);
    }),
  },
  {
    trap: 16,
    broken: 'an unknown state is answered 400',
    caught:
      'dataJobExecutionList of the state no_such_state is answered 404, with those that there are',
    around: answering('GET', `${jobPath}/executions`, (response, request) =>
      request.url.includes('no_such_state') ? status(404, 400)(response) : response,
    ),
  },
  {
    trap: 17,
    broken: 'a corrupt zip is answered 400',
    caught: 'an upload with no zip at all is answered 503, and the old sources stay',
    around: answering('POST', `${jobPath}/sources`, status(503, 400)),
  },
  {
    trap: 18,
    broken: 'properties go with their job',
    caught: 'properties survive their job, and come back with its name, also in another team',
    around: doing('DELETE', jobPath, async (handler, request, path) => {
      await handler(another(request, 'PUT', `${path}/deployments/x/properties`, {}));
      return handler(request);
    }),
  },
  {
    trap: 21,
    broken: 'the root of a query is not unwrapped',
    caught: 'the root of a query is unwrapped, and errors are always there',
    around: answering('GET', '/data-jobs/for-team/[^/]+/jobs', (response, { url }) =>
      // The standard query and the cleaning of the suite still work.
      /totalPages%7D/.test(url)
        ? edited(response, ({ data }: Values) => ({ data: { jobs: data } }))
        : response,
    ),
  },
  {
    trap: 24,
    broken: 'a deployment is known under one id only',
    caught: 'the id of a deployment means nothing',
    around: doing('GET', `${jobPath}/deployments/[^/]+`, async (handler, request, path) =>
      path.endsWith('/production') ? handler(request) : new Response(null, { status: 404 }),
    ),
  },
  {
    trap: 27,
    broken: 'a job says which state it is of',
    caught: 'nothing may be cached, and no answer says which state it is of',
    around: answering('GET', jobPath, (response) => {
      response.headers.set('etag', '"1"');
      return response;
    }),
  },
  {
    trap: 30,
    broken: 'a second POST of a deployment wins',
    caught: 'in the cluster a second POST within a moment of the first is lost without a trace',
    around: doing('POST', `${jobPath}/deployments`, async (handler, request, path) => {
      const list = await handler(another(request, 'GET', path));
      const first = list.status === 200 && (await list.text()) === '[]';
      if (first) await handler(another(request, 'DELETE', `${path}/x`));
      return handler(request);
    }),
  },
  {
    trap: 33,
    broken: 'a deployment in the cluster has an id',
    caught:
      'in the cluster a deployment has no id, schedule, contacts nor resources, but a vdk version',
    around: answering('GET', `${jobPath}/deployments/[^/]+`, (response) =>
      edited(response, (deployment: Values) => ({ ...deployment, id: 'production' })),
    ),
  },
  {
    trap: 34,
    broken: 'a deployment without a body is answered 400',
    caught: 'deploymentUpdate without a body is answered 500, and 415 without a type',
    around: answering('POST', `${jobPath}/deployments`, status(500, 400)),
  },
];
