/** Webhooks that may refuse: after a create, after a delete, and on any call of a named user. */
import type { HttpResponse } from '../../platform/http.ts';
import { readText } from '../../platform/http.ts';
import type { WebhookSettings } from './settings.ts';
import { statusName } from './web/answers.ts';
import type { Call } from './web/call.ts';
import { externalSystem, ServiceFailure } from './web/failures.ts';

export interface Hooks {
  /** Throws the refusal. */
  postCreate(call: Call, jobName: string): Promise<void>;
  /** Returns the refusal: the caller has something to do first. */
  postDelete(call: Call, jobName: string): Promise<ServiceFailure | undefined>;
}

/** Repeats after a 5xx, at once and without a pause. */
const jobHookRepeats = 3;
const authorizationRepeats = 1;
/** A webhook's words become part of an answer; no more of them are read. */
const answerMaxBytes = 64 * 1024;

export interface HookAnswer {
  readonly status: number;
  readonly text: string;
}

export function createHooks(settings: WebhookSettings | undefined): Hooks {
  const ask = async (
    base: string | undefined,
    verb: 'Create' | 'Delete',
    call: Call,
    jobName: string,
  ): Promise<ServiceFailure | undefined> => {
    if (settings === undefined || base === undefined) return undefined;
    const { pathname } = new URL(call.request.url);
    const body = hookBody(call.request, call.user ?? 'anonymousUser', {
      requested_resource_id: jobName,
      requested_http_path: decodeURIComponent(pathname),
    });
    const url = `${base.replace(/\/$/, '')}${pathname}`;
    const answer = await askHook(settings, url, body, jobHookRepeats, 'Webhook server');
    return answer.status < 400 ? undefined : refusal(verb, answer);
  };
  return {
    async postCreate(call, jobName) {
      const refused = await ask(settings?.postCreateUrl, 'Create', call, jobName);
      if (refused !== undefined) throw refused;
    },
    postDelete: (call, jobName) => ask(settings?.postDeleteUrl, 'Delete', call, jobName),
  };
}

/** Whether a user may make a call; a refusal comes with the webhook's own status and words. */
export async function askAuthorization(
  settings: WebhookSettings | undefined,
  request: Request,
  user: string,
): Promise<HookAnswer> {
  const url = settings?.authorizationUrl;
  if (settings === undefined || url === undefined) throw authorizationNotConfigured();
  const permission = request.method === 'GET' ? 'read' : 'write';
  const body = hookBody(request, user, { requested_permission: permission });
  return await askHook(settings, url, body, authorizationRepeats, 'Authorization server');
}

export function authorizationNotConfigured(): ServiceFailure {
  return new ServiceFailure(
    500,
    'Authorization failed',
    'Authorization webhook endpoint is not configured',
    'Cannot determine whether a user is authorized to do this request',
    'Configure the authorization webhook property or disable the feature altogether',
  );
}

/** Any 2xx and 4xx is an answer; a 5xx that stays and everything else is an outage. */
async function askHook(
  { transport }: WebhookSettings,
  url: string,
  body: string,
  repeats: number,
  system: string,
): Promise<HookAnswer> {
  for (let left = repeats; ; left -= 1) {
    let response: HttpResponse;
    let text: string;
    try {
      response = await transport({
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      text = await readText(response, answerMaxBytes);
    } catch {
      throw externalSystem(system, 'Webhook server cannot be reached');
    }
    const { status } = response;
    if ((status >= 200 && status < 300) || (status >= 400 && status < 500)) return { status, text };
    if (status >= 500 && left > 0) continue;
    const problem = `Webhook server returned non successful status code: ${status}`;
    throw externalSystem(system, problem);
  }
}

/** What every webhook is told; the path's parts are cut out by their places in it. */
function hookBody(request: Request, user: string, more: Readonly<Record<string, string>>): string {
  const { pathname } = new URL(request.url);
  const parts = pathname.split('/').map(decodeURIComponent);
  return JSON.stringify({
    requester_user_id: user,
    requested_resource_team: parts[3] ?? null,
    requested_resource_name: 'data-job',
    requested_resource_id: parts[5] ?? null,
    requested_http_path: pathname,
    requested_http_verb: request.method,
    requested_resource_new_team: parts[7] ?? null,
    ...more,
  });
}

function refusal(verb: 'Create' | 'Delete', { status, text }: HookAnswer): ServiceFailure {
  return new ServiceFailure(
    status,
    `Post ${verb} Web Hook call associated with this request returns client error.`,
    text,
    `This API call fails with ${status} ${statusName(status)} and the ${verb} operation will not be completed.`,
    'Inspect this message and fix the request to the Web Hook Server.',
  );
}
