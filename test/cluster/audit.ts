/** The API server's own record of who asked for what, and of what was refused. */
import { readFileSync } from 'node:fs';

export interface AuditedRequest {
  readonly user: string;
  readonly verb: string;
  /** `group/resource` with its subresource, the core group as `core`; a path for what is none. */
  readonly what: string;
  readonly name: string | undefined;
  readonly allowed: boolean;
}

/** Of one user, oldest first. */
export function auditedRequests(file: string, user: string): readonly AuditedRequest[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line) => {
    if (!line.includes(`"${user}"`)) return [];
    const event = parsed(line);
    return event?.user.username === user ? [requestOf(event)] : [];
  });
}

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly name?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

function requestOf({ verb, requestURI, user, objectRef, annotations }: AuditEvent): AuditedRequest {
  const { apiGroup = 'core', resource = '', subresource, name } = objectRef ?? {};
  const sub = subresource === undefined ? '' : `/${subresource}`;
  return {
    user: user.username,
    verb,
    what: objectRef === undefined ? requestURI : `${apiGroup}/${resource}${sub}`,
    name,
    allowed: annotations?.['authorization.k8s.io/decision'] !== 'forbid',
  };
}

/** The last line may not be complete yet. */
function parsed(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
