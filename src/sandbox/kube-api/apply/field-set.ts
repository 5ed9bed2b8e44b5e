/**
 * Sets of fields, as `managedFields` writes them: a tree whose nodes are path elements (`f:name`,
 * `k:{"type":"Ready"}`, `v:"a"`), each of which may itself be in the set. Pure; values are never
 * changed once they are returned.
 */
import type { JsonMap } from '../json.ts';
import { isObject } from '../schema/json-value.ts';

export interface FieldSet {
  /** The field itself is in the set, apart from what is below it. */
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { member: false, children: new Map() };
const leaf: FieldSet = { member: true, children: new Map() };

export function setOf(paths: Iterable<readonly string[]>): FieldSet {
  const root = builder();
  for (const path of paths) {
    let node = root;
    for (const element of path) {
      let child = node.children.get(element);
      if (child === undefined) {
        child = builder();
        node.children.set(element, child);
      }
      node = child;
    }
    node.member = true;
  }
  return root;
}

interface Builder {
  member: boolean;
  children: Map<string, Builder>;
}

function builder(): Builder {
  return { member: false, children: new Map() };
}

export function isEmpty({ member, children }: FieldSet): boolean {
  return !member && children.size === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const other = children.get(element);
    children.set(element, other === undefined ? child : union(other, child));
  }
  return { member: a.member || b.member, children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, a.member && b.member, intersection, () => undefined);
}

/** What is in `a` and not, itself, in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, a.member && !b.member, difference, (child) => child);
}

/** Like `difference`, but a field of `b` takes everything below it along. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (b.member) return emptySet;
  return combine(a, b, a.member, differenceBelow, (child) => child);
}

function combine(
  a: FieldSet,
  b: FieldSet,
  member: boolean,
  both: (a: FieldSet, b: FieldSet) => FieldSet,
  onlyA: (a: FieldSet) => FieldSet | undefined,
): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    const kept = other === undefined ? onlyA(child) : both(child, other);
    if (kept !== undefined && !isEmpty(kept)) children.set(element, kept);
  }
  return { member, children };
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a.member !== b.member || a.children.size !== b.children.size) return false;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other === undefined || !sameSet(child, other)) return false;
  }
  return true;
}

/** All members, in the order in which the real server reports them. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): readonly string[][] {
  const own = set.member && prefix.length > 0 ? [[...prefix]] : [];
  const sorted = [...set.children].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...own, ...sorted.flatMap(([element, child]) => pathsOf(child, [...prefix, element]))];
}

export function toFieldsV1({ children }: FieldSet): JsonMap {
  const sorted = [...children].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([element, child]) => {
      const below = toFieldsV1(child);
      return [element, child.member && child.children.size > 0 ? { '.': {}, ...below } : below];
    }),
  );
}

export function fromFieldsV1(fields: unknown): FieldSet {
  if (!isObject(fields)) return emptySet;
  const children = new Map<string, FieldSet>();
  for (const [element, below] of Object.entries(fields)) {
    if (element === '.') continue;
    const isLeaf = isObject(below) && Object.keys(below).length === 0;
    children.set(element, isLeaf ? leaf : fromFieldsV1(below));
  }
  return { member: Object.hasOwn(fields, '.'), children };
}

/** A path as error messages show it: `.spec.items[type="Ready"].value`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((element) => {
      const text = element.slice(2);
      if (element.startsWith('f:')) return `.${text}`;
      if (element.startsWith('v:')) return `[=${text}]`;
      const keys = Object.entries(JSON.parse(text) as JsonMap);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
