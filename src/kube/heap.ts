/** Items of which the first in order can be had at once, however many there are: a binary heap. */

export interface Heap<T> {
  push(item: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
  readonly size: number;
}

export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];
  const comesFirst = (a: number, b: number) => {
    const [first, second] = [items[a], items[b]];
    return first !== undefined && second !== undefined && isBefore(first, second);
  };
  const swap = (a: number, b: number) => {
    [items[a], items[b]] = [items[b] as T, items[a] as T];
  };
  const rise = (index: number) => {
    const parent = (index - 1) >> 1;
    if (index === 0 || !comesFirst(index, parent)) return;
    swap(index, parent);
    rise(parent);
  };
  const sink = (index: number) => {
    let first = index;
    for (const child of [2 * index + 1, 2 * index + 2]) if (comesFirst(child, first)) first = child;
    if (first === index) return;
    swap(index, first);
    sink(first);
  };
  return {
    push(item) {
      items.push(item);
      rise(items.length - 1);
    },
    peek: () => items[0],
    get size() {
      return items.length;
    },
    pop() {
      if (items.length < 2) return items.pop();
      swap(0, items.length - 1);
      const item = items.pop();
      sink(0);
      return item;
    },
  };
}
