/**
 * The one string in `{"logs": "…"}`, taken out of the JSON while it arrives: a log of a long run
 * need not fit into memory twice.
 */
import { ControlServiceError } from './errors.ts';

/** Text before the string's own first quotation mark. */
const opening = /^\s*\{\s*"logs"\s*:\s*(null\s*\}\s*$|")/;
/** An opening that is longer than this is something else. */
const openingMax = 1_000;
/** The longest escape, `\uXXXX`, may be cut by the end of a piece. */
const escapeMark = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y;

export async function* logTextOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let isOpen = false;
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (!isOpen) {
      const match = opening.exec(rest);
      if (match === null) {
        if (rest.length > openingMax) throw broken('does not begin as one');
        continue;
      }
      if (match[1] !== '"') return; // no log at all
      rest = rest.slice(match[0].length);
      isOpen = true;
    }
    const { end, isClosed } = wholePart(rest);
    if (end > 0) yield JSON.parse(`"${rest.slice(0, end)}"`) as string;
    if (isClosed) return;
    rest = rest.slice(end);
  }
  if (opening.exec(rest)?.[1]?.startsWith('null')) return;
  throw broken('ends in its middle');
}

/** How far the text goes without cutting an escape, and whether its closing mark stands there. */
function wholePart(text: string): { readonly end: number; readonly isClosed: boolean } {
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (character === '"') return { end: at, isClosed: true };
    if (character !== '\\') {
      at += 1;
      continue;
    }
    escapeMark.lastIndex = at;
    const match = escapeMark.exec(text);
    if (match === null) {
      if (text.length - at >= 6) throw broken('holds an escape that is none');
      return { end: at, isClosed: false };
    }
    at += match[0].length;
  }
  return { end: text.length, isClosed: false };
}

function broken(how: string): ControlServiceError {
  return new ControlServiceError(
    'transient',
    'ControlServiceUnavailable',
    `dataJobLogsDownload was answered with a log that ${how}. What to do: read it again.`,
    { operationId: 'dataJobLogsDownload' },
  );
}
