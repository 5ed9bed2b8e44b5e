/**
 * Equal parts of objects, kept once. Thousands of objects of one kind say much the same (reasons,
 * times, defaults, empty lists), and parsed JSON has a copy of it in each. Nobody changes an object
 * that others can see, so nobody can tell.
 */

/** Longer texts are seldom equal, and looking for them costs more. */
const textMax = 200;
/** Then it begins anew. What only one object has soon fills it; what many have is soon in it again. */
const poolMax = 4_000;

/** The result takes over what it is given: parts of it may be exchanged for equal ones. */
export function createSharing(): <T extends object>(fresh: T) => T {
  const texts = createPool<string>();
  const parts = createPool<object>();

  /** Whether it holds no other parts and is short, so that it is worth looking for. */
  const shareWithin = (whole: Record<string, unknown>): boolean => {
    let isSimple = true;
    for (const key of Object.keys(whole)) {
      const value = whole[key];
      if (typeof value === 'string') {
        if (value.length > textMax) isSimple = false;
        else whole[key] = texts(value, value);
      } else if (typeof value === 'object' && value !== null) {
        isSimple = false;
        whole[key] = share(value);
      }
    }
    return isSimple;
  };
  const share = <T extends object>(whole: T): T => {
    const isSimple = shareWithin(whole as Record<string, unknown>);
    return isSimple ? (parts(JSON.stringify(whole), whole) as T) : whole;
  };
  return share;
}

/** Gives back the first of those that were put in under one name. */
function createPool<T>(): (name: string, item: T) => T {
  let known = new Map<string, T>();
  return (name, item) => {
    const first = known.get(name);
    if (first !== undefined) return first;
    if (known.size >= poolMax) known = new Map();
    known.set(name, item);
    return item;
  };
}
