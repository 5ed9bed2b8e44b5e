/**
 * Sets of values as the service's own library stores and returns them: numbers pass through a
 * double unless they are whole, nulls inside nested objects vanish, key order is not kept.
 */
import type { JsonNode } from './web/json.ts';

/** The text that is stored and sent back. */
export function storedText(node: JsonNode & { kind: 'object' }): string {
  const members = node.members.map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`);
  return `{${members.join(',')}}`;
}

function textOf(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return storedText({
        ...node,
        members: node.members.filter(([, value]) => value.kind !== 'null'),
      });
    case 'array':
      return `[${node.items.map(textOf).join(',')}]`;
    case 'string':
      return JSON.stringify(node.text);
    case 'number':
      return numberText(node.text);
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    default:
      return node satisfies never;
  }
}

/** Whole numbers keep every digit; others become the shortest text of their double. */
function numberText(text: string): string {
  if (/^-?\d+$/.test(text)) return text === '-0' ? '0' : text;
  const value = Number(text);
  if (!Number.isFinite(value)) return 'null';
  return value === 0 ? '0' : String(value);
}
