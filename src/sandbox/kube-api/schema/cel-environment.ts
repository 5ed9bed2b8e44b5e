/**
 * The CEL dialect of CRD validation rules: the language from cel-js, plus the functions that
 * Kubernetes adds and validation rules use. Known to be absent, so a rule that needs them is
 * refused when its CRD is created: quantity, ip, cidr, semver and format libraries, two-variable
 * comprehensions, optMap. `cel.bind` exists in the library but not in Kubernetes: see cel-check.ts.
 */

import { Environment } from '@marcbachmann/cel-js';
import { parsePattern } from './regex.ts';

/** `mixedLists` allows list literals of several types: always at run time, where all is dynamic. */
export function createCelEnvironment({
  mixedLists,
}: {
  readonly mixedLists: boolean;
}): Environment {
  const environment = new Environment({
    enableOptionalTypes: true, // part of the dialect
    homogeneousAggregateLiterals: !mixedLists,
  });
  for (const [signature, handler] of [...stringFunctions, ...listFunctions]) {
    environment.registerFunction(signature, handler);
  }
  registerSets(environment);
  registerUrls(environment);
  return environment;
}

/**
 * Stands for `matches` at run time: the library's own cannot be replaced, and reads patterns as
 * JavaScript does.
 */
export const matchesLikeRe2 = 'matchesLikeRe2';

type Handler = (...args: never[]) => unknown;
type Comparable = string | number | bigint | boolean | Date;

const stringFunctions: readonly (readonly [string, Handler])[] = [
  [`string.${matchesLikeRe2}(string): bool`, matches],
  ['string.charAt(int): string', charAt],
  [
    'string.replace(string, string): string',
    (s: string, a: string, b: string) => s.replaceAll(a, b),
  ],
  ['string.replace(string, string, int): string', replaceSome],
  ['string.find(string): string', (s: string, pattern: string) => findAll(s, pattern, 1)[0] ?? ''],
  ['string.findAll(string): list<string>', (s: string, pattern: string) => findAll(s, pattern, -1)],
  ['string.findAll(string, int): list<string>', findAll],
  ['string.format(list): string', format],
];

const listFunctions: readonly (readonly [string, Handler])[] = [
  ['list.isSorted(): bool', isSorted],
  ['list<A>.sum(): A', sum],
  ['list<A>.min(): A', (list: readonly Comparable[]) => extreme(list, -1)],
  ['list<A>.max(): A', (list: readonly Comparable[]) => extreme(list, 1)],
  [
    'list<A>.indexOf(A): int',
    (list: readonly unknown[], item: unknown) => BigInt(list.indexOf(item)),
  ],
  [
    'list<A>.lastIndexOf(A): int',
    (list: readonly unknown[], item: unknown) => BigInt(list.lastIndexOf(item)),
  ],
];

function matches(text: string, pattern: string): boolean {
  const parsed = parsePattern(pattern);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  return parsed.matches(text);
}

function charAt(text: string, index: bigint): string {
  const points = [...text];
  if (index < 0n || index > BigInt(points.length)) throw new Error(`index out of range: ${index}`);
  return points[Number(index)] ?? '';
}

function replaceSome(text: string, from: string, to: string, times: bigint): string {
  let left = times < 0n ? Number.POSITIVE_INFINITY : Number(times);
  return text.replaceAll(from, (found) => (left-- > 0 ? to : found));
}

function findAll(text: string, pattern: string, limit: bigint | number): readonly string[] {
  if (parsePattern(pattern).kind === 'refused') throw new Error(`invalid regex: ${pattern}`);
  const found = [...text.matchAll(new RegExp(pattern, 'g'))].map(([match]) => match);
  return Number(limit) < 0 ? found : found.slice(0, Number(limit));
}

function format(template: string, args: readonly unknown[]): string {
  let next = 0;
  return template.replaceAll(/%(%|[sd])/g, (_all, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new Error('format: too few arguments');
    return String(args[next++]);
  });
}

function isSorted(list: readonly Comparable[]): boolean {
  return list.every((each, i) => i === 0 || (list[i - 1] ?? each) <= each);
}

function sum(list: readonly (number | bigint)[]): number | bigint {
  const [first = 0n, ...rest] = list;
  return rest.reduce(
    (a, b) => (typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b)),
    first,
  );
}

function extreme(list: readonly Comparable[], sign: 1 | -1): Comparable {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error(`${sign < 0 ? 'min' : 'max'} called on empty list`);
  return rest.reduce((best, each) => ((sign > 0 ? each > best : each < best) ? each : best), first);
}

class SetsNamespace {}

function registerSets(environment: Environment): void {
  const holds = (a: readonly unknown[], b: readonly unknown[]) =>
    b.every((each) => a.includes(each));
  environment.registerType('SetsNamespace', SetsNamespace);
  environment.registerConstant('sets', 'SetsNamespace', new SetsNamespace());
  type SetCheck = (a: readonly unknown[], b: readonly unknown[]) => boolean;
  const checks: readonly (readonly [string, SetCheck])[] = [
    ['contains', holds],
    ['equivalent', (a, b) => holds(a, b) && holds(b, a)],
    ['intersects', (a, b) => b.some((each) => a.includes(each))],
  ];
  for (const [name, check] of checks) {
    environment.registerFunction(
      `SetsNamespace.${name}(list, list): bool`,
      (_sets: unknown, a: readonly unknown[], b: readonly unknown[]) => check(a, b),
    );
  }
}

function registerUrls(environment: Environment): void {
  environment.registerType('net.URL', URL);
  environment.registerFunction('isURL(string): bool', (text: string) => parseUrl(text) !== null);
  environment.registerFunction('url(string): net.URL', (text: string) => {
    const url = parseUrl(text);
    if (!url) throw new Error(`URL parse error during conversion from string: ${text}`);
    return url;
  });
  const parts: readonly (readonly [string, (url: URL) => string])[] = [
    ['getScheme', (url) => (isPathOnly(url) ? '' : url.protocol.slice(0, -1))],
    ['getHost', (url) => (isPathOnly(url) ? '' : url.host)],
    ['getHostname', (url) => (isPathOnly(url) ? '' : url.hostname)],
    ['getPort', (url) => url.port],
    ['getEscapedPath', (url) => url.pathname],
  ];
  for (const [name, part] of parts) environment.registerFunction(`net.URL.${name}(): string`, part);
}

/** An absolute path is a URL to Kubernetes; it gets a base that says so. */
const pathBase = 'path-only://path-only';

function parseUrl(text: string): URL | null {
  if (text.startsWith('/')) return URL.parse(text, pathBase);
  return /^[a-z][a-z0-9+.-]*:/i.test(text) ? URL.parse(text) : null;
}

function isPathOnly(url: URL): boolean {
  return url.protocol === 'path-only:';
}
