/** First in, first out, in constant time however long it is. */

export interface Fifo<T> {
  push(item: T): void;
  peek(): T | undefined;
  shift(): T | undefined;
  /** Drops items from the front for as long as they are `unwanted`. */
  dropWhile(unwanted: (item: T) => boolean): void;
}

/** Below this, moving the rest to the front costs more than the room it frees. */
const compactFrom = 1_000;

export function createFifo<T>(): Fifo<T> {
  let items: T[] = [];
  let head = 0;
  const shift = () => {
    const item = items[head];
    if (head < items.length) head += 1;
    if (head === items.length || (head >= compactFrom && head * 2 >= items.length)) {
      items = items.slice(head);
      head = 0;
    }
    return item;
  };
  return {
    push: (item) => void items.push(item),
    peek: () => items[head],
    shift,
    dropWhile(unwanted) {
      for (let item = items[head]; item !== undefined && unwanted(item); item = items[head])
        shift();
    },
  };
}
