/** A binary heap of what is due, soonest first; equal times are ordered by a seeded number. */

export interface Due {
  readonly at: number;
  readonly tie: number;
}

export interface Heap<T extends Due> {
  push(item: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
  readonly size: number;
}

export function createHeap<T extends Due>(): Heap<T> {
  const items: T[] = [];
  const isBefore = (a: T, b: T) => a.at < b.at || (a.at === b.at && a.tie < b.tie);
  const swap = (a: number, b: number) => {
    const held = items[a] as T;
    items[a] = items[b] as T;
    items[b] = held;
  };
  return {
    get size() {
      return items.length;
    },
    peek: () => items[0],
    push(item) {
      items.push(item);
      for (let child = items.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (!isBefore(items[child] as T, items[parent] as T)) return;
        swap(child, parent);
        child = parent;
      }
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length === 0 || last === undefined) return first;
      items[0] = last;
      for (let parent = 0; ; ) {
        const left = 2 * parent + 1;
        const right = left + 1;
        let least = parent;
        if (left < items.length && isBefore(items[left] as T, items[least] as T)) least = left;
        if (right < items.length && isBefore(items[right] as T, items[least] as T)) least = right;
        if (least === parent) return first;
        swap(parent, least);
        parent = least;
      }
    },
  };
}
