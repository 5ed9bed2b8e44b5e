/** Which fields a query asks for: some of the service's filters only work on those. */
import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';

/** Dotted paths below the root field, such as `content.config.team`. */
export function selectedPaths(info: GraphQLResolveInfo): ReadonlySet<string> {
  const paths = new Set<string>();
  const walk = (set: SelectionSetNode | undefined, prefix: string) => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') {
        const path = `${prefix}${selection.name.value}`;
        paths.add(path);
        walk(selection.selectionSet, `${path}.`);
      } else if (selection.kind === 'InlineFragment') {
        walk(selection.selectionSet, prefix);
      } else {
        walk(info.fragments[selection.name.value]?.selectionSet, prefix);
      }
    }
  };
  for (const node of info.fieldNodes) walk(node.selectionSet, '');
  return paths;
}
