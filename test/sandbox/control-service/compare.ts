/** Holds an answer of the embedded service to a recorded one. */
import type { Exchange } from './exchanges.ts';

/** Where the two differ, one line each; nothing when they do not. */
export async function differences(
  recorded: Exchange,
  response: Response,
): Promise<readonly string[]> {
  const found: string[] = [];
  if (response.status !== recorded.status) {
    found.push(`status ${response.status} instead of ${recorded.status}`);
  }
  compareHeaders(recorded, response, found);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (typeof recorded.body === 'object' && recorded.body !== null && 'bytes' in recorded.body) {
    if (bytes.length === 0) found.push('no bytes instead of some');
  } else if (recorded.headers['Content-Type']?.startsWith('text/html')) {
    if (!/^<!doctype html>/i.test(text)) found.push('no HTML page');
  } else if (recorded.headers['Content-Type'] !== 'application/json') {
    if (text !== recorded.body) found.push(`body ${text} instead of ${String(recorded.body)}`);
  } else {
    compareValue('body', recorded.body, JSON.parse(text || 'null'), recorded.cut === true, found);
  }
  return found;
}

/** The headers that clients look at; of a length only whether there is one. */
function compareHeaders({ headers }: Exchange, response: Response, found: string[]): void {
  const expect = (name: string, same: (recorded: string, ours: string) => boolean) => {
    const recorded = headers[name] ?? '';
    const ours = response.headers.get(name) ?? '';
    if (!same(recorded, ours)) found.push(`${name}: '${ours}' instead of '${recorded}'`);
  };
  const equal = (recorded: string, ours: string) => recorded === ours;
  for (const name of ['Content-Type', 'Transfer-Encoding', 'Location', 'Accept']) {
    expect(name, equal);
  }
  expect('WWW-Authenticate', (recorded, ours) => instantsAlike(recorded) === instantsAlike(ours));
  expect('Allow', (a, b) => a.split(', ').sort().join() === b.split(', ').sort().join());
  expect('X-OPID', (a, b) => (a === '') === (b === ''));
  expect('Content-Length', (a, b) => (a === '0') === (b === '0') && (a === '') === (b === ''));
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

function instantsAlike(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<instant>');
}

/** Values that depend on the moment, the machine or the history: of these the form is compared. */
const forms: Readonly<Record<string, RegExp>> = {
  version_sha: /^[0-9a-f]{40}$/,
  api_version: /^PipelinesControlService\/\S+ \(.+\)$/,
  sourceUrl: /\/tree\/\w+\/[a-z0-9-]+$/,
};

function compareValue(
  at: string,
  want: unknown,
  got: unknown,
  cut: boolean,
  found: string[],
): void {
  const form = forms[at.split('.').at(-1) ?? ''];
  if (typeof want === 'string' && typeof got === 'string') {
    const same =
      want === got ||
      (instant.test(want) && instant.test(got)) ||
      (form?.test(want) && form.test(got)) ||
      withoutFolder(want) === withoutFolder(got);
    if (!same) found.push(`${at}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
  } else if (Array.isArray(want) && Array.isArray(got)) {
    if (!cut && want.length !== got.length)
      found.push(`${at}: ${got.length} instead of ${want.length}`);
    const both = Math.min(want.length, got.length);
    for (let i = 0; i < both; i += 1) compareValue(`${at}[${i}]`, want[i], got[i], cut, found);
  } else if (isObject(want) && isObject(got)) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
      if (!(key in got)) found.push(`${at}.${key}: missing`);
      else if (!(key in want)) found.push(`${at}.${key}: not in the recorded answer`);
      else compareValue(`${at}.${key}`, want[key], got[key], cut, found);
    }
  } else if (typeof want === 'number' && typeof got === 'number' && isMoment(at, want)) {
    return;
  } else if (want !== got) {
    found.push(`${at}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
  }
}

/** The page of the server's time is a bare number; durations depend on the machine. */
const isMoment = (at: string, value: number) =>
  at.endsWith('lastExecutionDuration') || (at === 'body' && value > 1e12);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A folder made for one upload. */
function withoutFolder(text: string): string {
  return text.replace(/'[^']*\/job_[0-9a-f-]{36}\//, "'");
}
