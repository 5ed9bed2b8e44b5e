import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { logTextOf } from '../../src/control-service/log-text.ts';
import { createControlServiceStreams } from '../../src/control-service/streams.ts';
import { type HttpTransport, handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

const encoder = new TextEncoder();

function optionsOver(transport: HttpTransport) {
  return {
    baseUrl: 'http://control-service.test',
    transport,
    clock: createManualClock(),
    random: createSeededRandom(),
    log: silentLog,
  };
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

test('any log comes out as it went in, wherever its pieces are cut', async () => {
  const log = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  await fc.assert(
    fc.asyncProperty(
      log,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (text, size, ascii) => {
        const wellFormed = text.toWellFormed();
        const json = JSON.stringify({ logs: wellFormed });
        const sent = ascii ? json.replace(/[^ -~]/g, escaped) : json;
        expect(await textOf(logTextOf(pieces(encoder.encode(sent), size)))).toBe(wellFormed);
      },
    ),
    { numRuns: 500 },
  );
});

const escaped = (character: string) =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

test.each([
  { name: 'an empty log', body: '{"logs": ""}', want: '' },
  { name: 'no log', body: '{"logs":null}', want: '' },
  { name: 'members after it', body: '{"logs":"a","more":1}', want: 'a' },
])('$name is a good answer', async ({ body, want }) => {
  for (const size of [1, 100]) {
    expect(await textOf(logTextOf(pieces(encoder.encode(body), size)))).toBe(want);
  }
});

test.each([
  { name: 'a log that was cut off', body: '{"logs":"abc', says: /ends in its middle/ },
  { name: 'an escape that is none', body: '{"logs":"a\\q and more"}', says: /escape/ },
  { name: 'something else', body: `{"data":"${'x'.repeat(2_000)}"}`, says: /begin/ },
])('$name is an error, not a shorter log', async ({ body, says }) => {
  await expect(textOf(logTextOf(pieces(encoder.encode(body), 7)))).rejects.toThrow(says);
});

test('a source is handed on piece by piece, and let go of when the caller leaves', async () => {
  let sent = 0;
  let isLeft = false;
  const streams = createControlServiceStreams(
    optionsOver(async () => ({
      status: 200,
      headers: new Map([
        ['x-opid', '1'],
        ['content-length', '3000'],
      ]),
      body: (async function* () {
        try {
          for (; sent < 3; sent += 1) yield new Uint8Array(1_000);
        } finally {
          isLeft = true;
        }
      })(),
    })),
  );
  const download = await streams.dataJobSourcesDownload({ teamName: 'a', jobName: 'bcdefg' });
  expect(download.sizeBytes).toBe(3_000);
  for await (const chunk of download.bytes) {
    expect(chunk.byteLength).toBe(1_000);
    break;
  }
  expect({ sent, isLeft }).toEqual({ sent: 0, isLeft: true });
});

test('a download that the service refuses is the same error as in any other call', async () => {
  const streams = createControlServiceStreams(
    optionsOver(
      handlerTransport(
        async () =>
          new Response(null, { status: 404, headers: { 'x-opid': '1', 'content-length': '0' } }),
      ),
    ),
  );
  const args = { teamName: 'a', jobName: 'bcdefg' };
  await expect(streams.dataJobSourcesDownload(args)).rejects.toMatchObject({ reason: 'NotFound' });
});

test('an upload may be a stream, which is not sent a second time', async () => {
  const received: string[] = [];
  const client = createControlServiceClient({
    ...optionsOver(
      handlerTransport(async (request) => {
        received.push(await request.text());
        return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } });
      }),
    ),
    auth: { token: async () => 'old', renew: async () => 'new', secrets: () => [] },
  });
  const body = pieces(encoder.encode('a zip'), 2);
  const upload = client.sourcesUpload({ teamName: 'a', jobName: 'bcdefg', body });
  await expect(upload).rejects.toMatchObject({ disposition: 'transient' });
  expect(received).toEqual(['a zip']);
});
