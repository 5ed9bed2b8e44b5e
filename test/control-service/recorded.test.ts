/** The client's decoding and its table of verdicts, held to answers recorded from the real service. */
import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../src/control-service/answer.ts';
import { type OperationId, operationIds, operationOf } from '../../src/control-service/contract.ts';
import { ControlServiceError } from '../../src/control-service/errors.ts';
import { type Exchange, readExchanges } from '../sandbox/control-service/exchanges.ts';

const exchanges = [...readExchanges('exchanges'), ...readExchanges('exchanges-setups')]
  .map((exchange) => ({ exchange, id: operationAt(exchange) }))
  .filter((each): each is { exchange: Exchange; id: OperationId } => each.id !== undefined);

function operationAt({ method, path }: Exchange): OperationId | undefined {
  const [bare = ''] = path.split('?');
  return operationIds.find((id) => {
    const operation = operationOf(id);
    const pattern = operation.path.replace(/\{\w+\}/g, '[^/]+');
    return operation.method === method && new RegExp(`^${pattern}$`).test(bare);
  });
}

async function read({ exchange, id }: (typeof exchanges)[number]): Promise<unknown> {
  const { status, headers, body } = exchange;
  return await readAnswer(
    {
      status,
      headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: streamOf(bytesOf(body)),
    },
    { operationId: id, opId: 'x', secrets: [], nowMs: exchange.at },
  ).catch((error: unknown) => error);
}

/** Binary bodies were recorded as their size. */
function bytesOf(body: unknown): Uint8Array {
  const size = (body as { bytes?: number } | null)?.bytes;
  if (typeof size === 'number') return new Uint8Array(size);
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

async function* streamOf(bytes: Uint8Array) {
  yield bytes;
}

describe('recorded answers', () => {
  test('there are enough of them to mean something', () => {
    expect(exchanges.length).toBeGreaterThan(350);
    expect(new Set(exchanges.map(({ id }) => id)).size).toBe(30);
  });

  test('every success is decoded, and nothing but nulls is lost', async () => {
    for (const each of exchanges.filter(({ exchange }) => exchange.status < 300)) {
      const result = await read(each);
      const name = `${each.exchange.case} ${each.id}`;
      expect(result, name).not.toBeInstanceOf(Error);
      if (typeof operationOf(each.id).success.body === 'object' && each.id !== 'jobsQuery') {
        expect(withoutNulls(result), name).toEqual(withoutNulls(each.exchange.body));
      }
    }
  });

  test('every refusal by the service is understood as one; only its outages are outages', async () => {
    const unknown = new Map<string, number>();
    for (const each of exchanges.filter(({ exchange }) => exchange.status >= 400)) {
      const error = await read(each);
      expect(error, each.exchange.case).toBeInstanceOf(ControlServiceError);
      const { status, reason } = error as ControlServiceError;
      if (reason !== 'ControlServiceUnavailable') continue;
      const key = String(status);
      unknown.set(key, (unknown.get(key) ?? 0) + 1);
    }
    // The 4xx here are requests that this client cannot send: a slash in a name, wrong types.
    expect([...unknown.keys()].sort()).toEqual(['400', '406', '415', '500', '503']);
    expect(unknown.get('400')).toBe(1);
  });
});

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNulls(each)]));
}
