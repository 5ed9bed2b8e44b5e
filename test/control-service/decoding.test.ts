import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { type OperationId, operationIds } from '../../src/control-service/contract.ts';
import { ControlServiceError } from '../../src/control-service/errors.ts';
import type { HttpTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** 100,000 in all were run once; each ordinary run takes a share of them. */
const runs = Number(process.env.DECODING_RUNS ?? 4_000);

/** Text that looks like what the service sends, or like half of it. */
const fieldName = fc.constantFrom(
  ...['job_name', 'config', 'team', 'id', 'status', 'enabled', 'schedule', 'contacts', 'what'],
  ...['why', 'errors', 'data', 'content', 'version_sha', 'logs', 'deployment', '__proto__'],
);
const jsonLike = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, '', 0, -0, 1e300),
    fc.string(),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fieldName, tie('value'), { maxKeys: 5 }),
  ),
})).value;
const body = fc.oneof(
  jsonLike.map((value) => JSON.stringify(value)),
  fc.json(),
  fc.tuple(fc.json(), fc.nat(40)).map(([text, cut]) => text.slice(0, cut)),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', 'null', '<html>no</html>', '\u0000', '['.repeat(2_000)),
);
const bytes = fc.oneof(
  body.map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 200 }),
);
const answer = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 201, 202, 204, 400, 401, 404, 409, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  headers: fc.dictionary(
    fc.constantFrom('content-type', 'x-opid', 'location', 'retry-after', 'www-authenticate'),
    fc.oneof(fc.constantFrom('application/json', 'text/html', '7', '%', '/a/b%2', ''), fc.string()),
  ),
  chunks: fc.array(bytes, { maxLength: 3 }),
  breaks: fc.boolean(),
});

async function* streamOf(chunks: readonly Uint8Array[], breaks: boolean) {
  yield* chunks;
  if (breaks) throw new Error('the connection was cut');
}

test('no answer whatever crashes or hangs a call: it is a result, or the one kind of error', async () => {
  const operation = fc.constantFrom(...operationIds);
  await fc.assert(
    fc.asyncProperty(operation, answer, async (id, { status, headers, chunks, breaks }) => {
      const transport: HttpTransport = async () => ({
        status,
        headers: new Map(Object.entries(headers)),
        body: streamOf(chunks, breaks),
      });
      const outcome = await callOf(transport, id).then(
        () => 'result',
        (error: unknown) => error,
      );
      if (outcome === 'result') {
        expect(status).toBeLessThan(300);
        return;
      }
      expect(outcome).toBeInstanceOf(ControlServiceError);
      const { message, disposition } = outcome as ControlServiceError;
      expect(['transient', 'terminal']).toContain(disposition);
      expect(message.length).toBeLessThan(2_000);
      expect(message).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: runs },
  );
});

function callOf(transport: HttpTransport, id: OperationId): Promise<unknown> {
  const client = createControlServiceClient({
    baseUrl: 'http://vdk.test',
    transport,
    clock: createManualClock(),
    random: systemRandom,
    log: silentLog,
  });
  const method = client[id] as (args: unknown) => Promise<unknown>;
  const names = { teamName: 't', jobName: 'some-job', executionId: 'e', newTeam: 'n' };
  return method({ ...names, body: id === 'sourcesUpload' ? new Uint8Array(1) : {} });
}

test('what is decoded has the types that are promised, and keeps what we do not know', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (unknownFields) => {
      const sent = {
        ...unknownFields,
        job_name: 'some-job',
        team: null,
        config: { schedule: null },
      };
      const transport: HttpTransport = async () => ({
        status: 200,
        headers: new Map(),
        body: streamOf([new TextEncoder().encode(JSON.stringify(sent))], false),
      });
      const { description, ...rest } = unknownFields;
      fc.pre(
        description === undefined && !('__proto__' in rest && Object.hasOwn(rest, '__proto__')),
      );
      const job = await callOf(transport, 'dataJobRead');
      const { team: _, ...want } = JSON.parse(JSON.stringify(sent));
      expect(job).toEqual({ ...want, config: {} });
    }),
    { numRuns: 300 },
  );
});
