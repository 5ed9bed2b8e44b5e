/**
 * Text from the other side, made fit for messages, events and logs: secrets out, control
 * characters out, one line, bounded.
 */

/** Enough for a sentence or two of a service whose errors can hold whole HTTP answers. */
const textCharsMax = 400;

/** Shorter ones are no secrets, and removing them would only make text unreadable. */
const secretCharsMin = 4;

const removed = '[removed]';

/** `Bearer …` and anything shaped like a JWT: whoever's it is, it has no place in a message. */
const tokenShapes =
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}|\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?|\b(?:access_token|refresh_token|client_secret)["']?\s*[=:]\s*["']?[^\s"'&,}]+/gi;

/**
 * What changes with every call, so that the same trouble reads the same each time, and the headers
 * of the answer of Kubernetes that the service adds to some errors, which are nobody's business.
 */
const uuid = /(?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f])/gi;
const quotedHeaders = /\bresponse headers:[\s\S]*$/i;

export function cleanText(
  text: string,
  secrets: readonly string[] = [],
  charsMax = textCharsMax,
): string {
  const clean = withoutSecrets(text, secrets)
    .replace(quotedHeaders, '')
    .replace(uuid, '…')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\ufeff]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toWellFormed();
  if (clean.length <= charsMax) return clean;
  return `${clean.slice(0, charsMax - 1).toWellFormed()}…`;
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length >= secretCharsMin)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), uriEncoded(secret)])
    .sort((a, b) => b.length - a.length); // a secret may hold another one: the longer first
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, removed);
  return clean.replace(tokenShapes, removed);
}

function uriEncoded(secret: string): string {
  return encodeURIComponent(secret.toWellFormed());
}

/** Every text inside a value, at whatever depth: what of a secret body must never be shown. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
