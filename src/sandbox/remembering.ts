/** A memo for what is read from texts: the same few come again and again. */

/** `read`, but only once for each of the `max` texts that came last; it has to depend on nothing else. */
export function remembering<T>(read: (text: string) => T, max: number): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.get(text) ?? read(text);
    known.delete(text);
    known.set(text, value);
    const [oldest] = known.keys();
    if (known.size > max && oldest !== undefined) known.delete(oldest);
    return value;
  };
}
