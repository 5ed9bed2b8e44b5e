/** How many pages there are, by the service's own count. */

/** As the service counts: one page for no items, but none where a page holds one item. */
export function totals(items: number, pageSize: number) {
  return { totalItems: items, totalPages: Math.trunc((items - 1) / pageSize) + 1 };
}
