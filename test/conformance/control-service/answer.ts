/** An answer as it came, and the forms in which the service answers. */
import assert from 'node:assert/strict';

export interface Answer {
  /** Method and path that were asked. */
  readonly of: string;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly json: unknown;
}

export function isStatus(answer: Answer, status: number): void {
  assert.equal(answer.status, status, `${told(answer)}, not ${status}`);
}

/** No body at all: not even a type. */
export function isEmpty(answer: Answer, status: number): void {
  isStatus(answer, status);
  assert.equal(answer.text, '', `${told(answer)}, where the body must be empty`);
  assert.equal(answer.headers.get('content-type'), undefined, `${told(answer)} has a type`);
  const length = answer.headers.get('content-length');
  assert.equal(length, status === 204 ? undefined : '0', `${told(answer)}: its length`);
}

export function isJson(answer: Answer, status: number, part: unknown): void {
  isStatus(answer, status);
  assert.equal(answer.headers.get('content-type'), 'application/json', `${told(answer)}: its type`);
  assert.partialDeepStrictEqual(answer.json, part, undefined);
}

interface Words {
  readonly what?: string | RegExp;
  readonly why?: string | RegExp;
  readonly consequences?: string;
  readonly countermeasures?: string | RegExp;
}

const fourFields = ['what', 'why', 'consequences', 'countermeasures'] as const;

/** The service's own error: four texts, in this order. */
export function isFourFields(answer: Answer, status: number, words: Words = {}): void {
  isStatus(answer, status);
  const json = (answer.json ?? {}) as Readonly<Record<string, unknown>>;
  assert.deepEqual(Object.keys(json), fourFields, `${told(answer)} has other fields than the four`);
  for (const field of fourFields) {
    const [said, wanted] = [String(json[field]), words[field]];
    if (wanted === undefined) continue;
    const same = typeof wanted === 'string' ? said === wanted : wanted.test(said);
    assert.ok(same, `${answer.of}: ${field} is "${said}", not ${wanted}`);
  }
}

/** The error of the framework below the service. */
export function isFrameworkError(answer: Answer, status: number): void {
  isStatus(answer, status);
  const json = (answer.json ?? {}) as Readonly<Record<string, unknown>>;
  assert.deepEqual(Object.keys(json), ['timestamp', 'status', 'error', 'path'], told(answer));
  assert.equal(json.status, status, told(answer));
}

/** A page of the web server in front of it all, which knows no operation id. */
export function isPage(answer: Answer, status: number): void {
  isStatus(answer, status);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/, told(answer));
  assert.equal(answer.headers.get('x-opid'), undefined, `${told(answer)}: an operation id`);
}

/** A refusal of the security layer. */
export function isRefusedToken(answer: Answer, status: number): void {
  isStatus(answer, status);
  assert.equal(answer.text, '', told(answer));
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/, told(answer));
  assert.equal(answer.headers.get('x-opid'), undefined, `${told(answer)}: an operation id`);
}

/** Much of a body is no help. */
const shownChars = 300;

function told({ of, status, text }: Answer): string {
  const body = text === '' ? 'nothing' : text.slice(0, shownChars);
  return `${of} was answered ${status} with ${body}`;
}
