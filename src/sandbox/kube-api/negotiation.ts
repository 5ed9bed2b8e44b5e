/** What representation a client asks for, by its Accept header, and what its body is. Pure. */
import { ApiError } from './api-error.ts';

export type As = 'object' | 'Table' | 'PartialObjectMetadata';

export interface Representation {
  readonly as: As;
  readonly format: 'json' | 'yaml';
  readonly contentType: string;
  readonly pretty: boolean;
}

const served = ['application/json', 'application/yaml'];

/** The first entry of the header that can be served; 406 when there is none. */
export function negotiate(request: Request, query: URLSearchParams): Representation {
  const accept = request.headers.get('accept') ?? '*/*';
  const pretty = wantsPretty(request, query);
  for (const entry of byQuality(accept)) {
    const [type, ...parameters] = entry.split(';').map((part) => part.trim());
    const as = asOf(parameters);
    if (as === undefined) continue;
    const contentType = type === 'application/yaml' ? 'application/yaml' : 'application/json';
    const format = contentType === 'application/yaml' ? 'yaml' : 'json';
    if (served.includes(type ?? '') || type === '*/*' || type === 'application/*' || type === '') {
      return { as, format, contentType, pretty };
    }
  }
  const available = served.join(', ');
  const message = `406: Not Acceptable\n\nAvailable representations: ${available}`;
  throw new ApiError(406, 'NotAcceptable', message, {});
}

function byQuality(accept: string): readonly string[] {
  const entries = accept.split(',').map((entry) => entry.trim());
  const quality = (entry: string) => Number(/;\s*q=([\d.]+)/.exec(entry)?.[1] ?? 1);
  return entries.sort((a, b) => quality(b) - quality(a));
}

/** What `as=…;g=…;v=…` means; undefined when it is not served here. */
function asOf(parameters: readonly string[]): As | undefined {
  const values = new Map(parameters.map((each) => each.split('=') as [string, string]));
  const as = values.get('as');
  if (as === undefined) return 'object';
  if (values.get('g') !== 'meta.k8s.io' || values.get('v') !== 'v1') return undefined;
  if (as === 'Table') return 'Table';
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? 'PartialObjectMetadata'
    : undefined;
}

/** People who look with a browser or curl get indented JSON. */
function wantsPretty(request: Request, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla)\//.test(request.headers.get('user-agent') ?? '');
}

export function mediaTypeOf(request: Request): string {
  const header = request.headers.get('content-type') ?? '';
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}
