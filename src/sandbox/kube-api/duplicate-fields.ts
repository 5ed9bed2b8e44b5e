/**
 * Finds keys that a JSON document names twice. `JSON.parse` keeps the last one silently, where the
 * real server warns. Only for documents that are known to be valid JSON. Pure.
 */

interface Frame {
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined;
  path: string;
  index: number;
}

/** Paths such as `data.x`, in the order of the document. */
export function duplicateFields(json: string): readonly string[] {
  const duplicates = new Set<string>();
  const frames: Frame[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g;
  let key = '';
  for (let match = token.exec(json); match !== null; match = token.exec(json)) {
    const [text, colon] = match;
    const frame = frames.at(-1);
    if (text === '{' || text === '[') {
      frames.push(opened(frame, key, text === '{'));
    } else if (text === '}' || text === ']') {
      frames.pop();
    } else if (text === ',') {
      if (frame !== undefined) frame.index += 1;
    } else if (colon !== undefined && frame?.keys !== undefined) {
      key = JSON.parse(text.slice(0, -colon.length)) as string;
      if (frame.keys.has(key)) duplicates.add(joined(frame.path, key));
      frame.keys.add(key);
    }
  }
  return [...duplicates];
}

function opened(parent: Frame | undefined, key: string, isMap: boolean): Frame {
  const keys = isMap ? new Set<string>() : undefined;
  if (parent === undefined) return { keys, path: '', index: 0 };
  const path =
    parent.keys === undefined ? `${parent.path}[${parent.index}]` : joined(parent.path, key);
  return { keys, path, index: 0 };
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
