/**
 * Reads the binary form in which kubectl's `create` and `auth` commands send a few kinds. Only what
 * they send is described; an answer is always JSON, which those commands accept.
 */
import { badRequest } from './api-error.ts';
import type { JsonMap } from './json.ts';
import { isObject } from './schema/json-value.ts';

/** A field of a message: its name and what it is. Numbers are the keys of a `Message`. */
type Field =
  | readonly [name: string, type: 'string' | 'bytes' | 'bool' | 'int' | 'time' | 'microTime']
  | readonly [name: string, type: 'strings' | 'stringMap' | 'bytesMap']
  | readonly [name: string, type: Message]
  | readonly [name: string, type: 'list', items: Message];

export type Message = { readonly [number: number]: Field };

const magic = [0x6b, 0x38, 0x73, 0x00]; // "k8s" and a zero

const typeMeta: Message = { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] };
const envelope: Message = { 1: ['typeMeta', typeMeta], 2: ['raw', 'bytes'] };

/** The object in a request's body; `messageOf` knows the messages by kind. */
export function decodeProtobuf(
  body: Uint8Array,
  messageOf: (kind: string) => Message | undefined,
): JsonMap {
  if (!magic.every((byte, index) => body[index] === byte)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix k8s');
  }
  const { typeMeta: type, raw } = readMessage(body.subarray(magic.length), envelope);
  const { apiVersion, kind } = isObject(type) ? type : ({} as JsonMap);
  const message = messageOf(String(kind));
  if (message === undefined) {
    throw badRequest(
      `this server does not read ${String(kind)} in protobuf: send it as application/json`,
    );
  }
  const content = raw === undefined ? {} : readMessage(Buffer.from(String(raw), 'base64'), message);
  return { apiVersion, kind, ...content };
}

function readMessage(bytes: Uint8Array, message: Message): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = Number(varint(reader));
    const value = wireValue(reader, tag & 7);
    const field = message[tag >> 3];
    if (field !== undefined) store(result, field, value);
  }
  return result;
}

function store(result: Record<string, unknown>, field: Field, value: bigint | Uint8Array): void {
  const [name, type] = field;
  const bytes = typeof value === 'bigint' ? new Uint8Array() : value;
  const append = (item: unknown) => {
    result[name] = [...((result[name] as readonly unknown[] | undefined) ?? []), item];
  };
  switch (type) {
    case 'string':
      // The binary form has no absent strings; empty ones are meant to be absent.
      if (bytes.length > 0) result[name] = utf8(bytes);
      return;
    case 'bytes':
      result[name] = Buffer.from(bytes).toString('base64');
      return;
    case 'bool':
      result[name] = value !== 0n;
      return;
    case 'int':
      result[name] = Number(BigInt.asIntN(64, value as bigint));
      return;
    case 'time':
    case 'microTime':
      if (bytes.length > 0) result[name] = timeText(bytes, type === 'microTime');
      return;
    case 'strings':
      append(utf8(bytes));
      return;
    case 'stringMap':
    case 'bytesMap': {
      const { key = '', value: entry = '' } = readMessage(bytes, {
        1: ['key', 'string'],
        2: ['value', type === 'bytesMap' ? 'bytes' : 'string'],
      });
      result[name] = { ...(result[name] as JsonMap | undefined), [String(key)]: entry };
      return;
    }
    case 'list':
      append(readMessage(bytes, field[2]));
      return;
    default:
      result[name] = readMessage(bytes, type);
  }
}

function timeText(bytes: Uint8Array, micro: boolean): string {
  const { seconds = 0, nanos = 0 } = readMessage(bytes, {
    1: ['seconds', 'int'],
    2: ['nanos', 'int'],
  });
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  if (!micro) return `${whole}Z`;
  return `${whole}.${String(Math.floor(Number(nanos) / 1000)).padStart(6, '0')}Z`;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function varint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) throw badRequest('the protobuf message is cut off');
    reader.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw badRequest('the protobuf message has a number that is too long');
}

function wireValue(reader: Reader, wireType: number): bigint | Uint8Array {
  if (wireType === 0) return varint(reader);
  const length = wireType === 2 ? Number(varint(reader)) : wireType === 1 ? 8 : 4;
  if (
    (wireType !== 1 && wireType !== 2 && wireType !== 5) ||
    reader.at + length > reader.bytes.length
  ) {
    throw badRequest('the protobuf message cannot be read');
  }
  reader.at += length;
  return reader.bytes.subarray(reader.at - length, reader.at);
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
