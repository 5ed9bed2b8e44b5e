import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { type OperationId, operationIds } from '../../src/control-service/contract.ts';
import { ControlServiceError } from '../../src/control-service/errors.ts';
import type { HttpTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { readExchanges } from '../sandbox/control-service/exchanges.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

/** The same answers in every run; another seed makes others. */
const seed = Number(process.env.DECODING_SEED ?? 20);
/** Answers made from nothing, and answers made from recorded ones: 100,000 in all. */
const madeUp = 10_000;
const mutated = 90_000;
/** A call takes far less than a millisecond: one that takes this long hangs. */
const hangsAfterMs = 5_000;

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
      expect(await problemOf(transport, id, status, breaks)).toBeUndefined();
    }),
    { numRuns: madeUp, seed, timeout: hangsAfterMs },
  );
});

test('nor does a recorded answer with some of its bytes, its status or its operation changed', async () => {
  const random = createSeededRandom(seed);
  const pick = (below: number) => Math.floor(random.next() * below);
  const recorded = [...readExchanges('exchanges'), ...readExchanges('exchanges-setups')].map(
    ({ status, headers, body }) => ({
      status,
      headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      bytes: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    }),
  );
  const problems: string[] = [];
  for (let run = 0; run < mutated && problems.length < 10; run += 1) {
    const { status: was, headers, bytes } = recorded[pick(recorded.length)] as (typeof recorded)[0];
    const status = pick(4) === 0 ? 200 + pick(400) : was;
    const chunk = changed(bytes, pick);
    const id = operationIds[pick(operationIds.length)] as OperationId;
    const breaks = pick(20) === 0;
    const transport: HttpTransport = async () => ({
      status,
      headers,
      body: streamOf([chunk], breaks),
    });
    const problem = await problemOf(transport, id, status, breaks);
    if (problem !== undefined) problems.push(`run ${run}, ${id}, ${status}: ${problem}`);
  }
  expect(problems).toEqual([]);
}, 60_000);

/** Some bytes replaced, and sometimes the end cut off or a part repeated. */
function changed(bytes: Uint8Array, pick: (below: number) => number): Uint8Array {
  const copy = bytes.slice(0, pick(6) === 0 ? pick(bytes.length + 1) : bytes.length);
  for (let count = pick(4); count > 0 && copy.length > 0; count -= 1) {
    copy[pick(copy.length)] = pick(2) === 0 ? pick(256) : (bytes[pick(bytes.length)] ?? 0);
  }
  if (pick(10) > 0) return copy;
  return Buffer.concat([copy, bytes.subarray(pick(bytes.length + 1))]);
}

/** What is wrong with how a call ends; undefined when it is a result, or the one kind of error. */
async function problemOf(
  transport: HttpTransport,
  id: OperationId,
  status: number,
  breaks: boolean,
): Promise<string | undefined> {
  const outcome = await callOf(transport, id).then(
    () => 'result',
    (error: unknown) => error,
  );
  if (outcome === 'result') return status < 300 ? undefined : 'a result of an error';
  if (!(outcome instanceof ControlServiceError)) return `another kind of error: ${outcome}`;
  const { message, disposition } = outcome;
  // An answer that came whole is judged as one: a crash on the way would look like no answer.
  if (!breaks && outcome.status !== status) return `status ${outcome.status}: ${message}`;
  if (!['transient', 'terminal'].includes(disposition)) return `disposition ${disposition}`;
  if (message.length >= 2_000) return 'a message without bounds';
  return /\p{Cc}/u.test(message) ? 'control characters in a message' : undefined;
}

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
    { numRuns: 300, seed },
  );
});
