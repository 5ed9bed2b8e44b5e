/** The kinds served right now, found by the group, version and plural of a path. */
import type { Kind } from './kind.ts';
import type { ServedResource } from './served-resource.ts';

export interface Registry {
  find(group: string, version: string, plural: string): Kind | undefined;
  /** True for groups that are there without any definition. */
  hasBuiltinGroup(group: string): boolean;
  /** Any version of the kind that is kept under this storage name. */
  byStorage(storage: string): Kind | undefined;
  kinds(): readonly Kind[];
  resources(): readonly ServedResource[];
  /** Replaces all kinds that one definition brought; an empty list takes them away. */
  serve(owner: string, kinds: readonly Kind[]): void;
}

export function createRegistry(builtins: readonly Kind[]): Registry {
  const byOwner = new Map<string, readonly Kind[]>([['', builtins]]);
  let byPath = new Map<string, Kind>();
  const pathOf = (group: string, version: string, plural: string) =>
    `${group}/${version}/${plural}`;
  const rebuild = () => {
    const all = [...byOwner.values()].flat();
    byPath = new Map(
      all.map((kind) => [pathOf(kind.served.group, kind.served.version, kind.served.plural), kind]),
    );
  };
  rebuild();
  return {
    find: (group, version, plural) => byPath.get(pathOf(group, version, plural)),
    hasBuiltinGroup: (group) => builtins.some(({ served }) => served.group === group),
    byStorage: (storage) => [...byPath.values()].find((kind) => kind.storage === storage),
    kinds: () => [...byPath.values()],
    resources: () => [...byPath.values()].map(({ served }) => served),
    serve(owner, kinds) {
      if (kinds.length === 0) byOwner.delete(owner);
      else byOwner.set(owner, kinds);
      rebuild();
    },
  };
}
