/** Properties: one set of values per job name. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isFrameworkError, isJson, isStatus } from '../answer.ts';
import type { ConformanceCase } from '../case.ts';

type Values = readonly (readonly [what: string, sent: string, read: unknown])[];

/** What goes in as JSON text, and what comes out: of secrets too. */
export const values: Values = [
  [
    'texts of any script',
    '{"a":"ü ñ 日本","b":"","c":"\\n\\"\\\\"}',
    { a: 'ü ñ 日本', b: '', c: '\n"\\' },
  ],
  [
    'truth values and lists',
    '{"a":true,"b":false,"c":[1,"two",[],{}]}',
    { a: true, b: false, c: [1, 'two', [], {}] },
  ],
  ['whole numbers', '{"a":7,"b":-7,"c":9007199254740991}', { a: 7, b: -7, c: 9007199254740991 }],
  ['a null at the top', '{"a":null}', { a: null }],
  ['a null in a list', '{"a":[null,1]}', { a: [null, 1] }],
  ['a null in an object inside, which is lost', '{"a":{"b":null,"c":1}}', { a: { c: 1 } }],
  ['the last of equal keys', '{"a":1,"a":2}', { a: 2 }],
  ['nothing', '{}', {}],
];

const numbers =
  '{"a": 1.0, "b": 2.50, "c": 1e2, "d": -0.0, "e": 12345678901234567890.5, "f": 12345678901234567890}';

export const propertyCases: readonly ConformanceCase[] = [
  {
    name: 'properties of a job that has none, and of one that is not there, are an empty object',
    covers: ['dataJobPropertiesRead'],
    traps: [18],
    async run(b) {
      for (const job of [await b.createJob(), b.nameJob()]) {
        const { text } = await b.send('dataJobPropertiesRead', job);
        assert.equal(text, '{}');
      }
    },
  },
  {
    name: 'properties are written with 204, neither body nor length nor type',
    covers: ['dataJobPropertiesUpdate'],
    async run(b) {
      isEmpty(await b.send('dataJobPropertiesUpdate', b.nameJob(), { body: { a: 1 } }), 204);
    },
  },
  {
    name: 'a write of properties replaces the whole set',
    covers: ['dataJobPropertiesUpdate', 'dataJobPropertiesRead'],
    traps: [18],
    async run(b) {
      const job = b.nameJob();
      await b.client.dataJobPropertiesUpdate({ ...job, body: { a: 1, b: 2 } });
      await b.client.dataJobPropertiesUpdate({ ...job, body: { b: 3 } });
      assert.deepEqual(await b.client.dataJobPropertiesRead(job), { b: 3 });
    },
  },
  {
    name: 'properties belong to the job name to the letter: team and deployment id mean nothing',
    covers: ['dataJobPropertiesUpdate', 'dataJobPropertiesRead'],
    traps: [18, 24],
    async run(b) {
      const job = b.nameJob();
      await b.client.dataJobPropertiesUpdate({ ...job, deploymentId: 'TODO', body: { a: 1 } });
      const theirs = { ...job, teamName: b.otherTeam, deploymentId: 'any thing' };
      assert.deepEqual(await b.client.dataJobPropertiesRead(theirs), { a: 1 });
      const upper = { ...job, jobName: job.jobName.toUpperCase() };
      assert.deepEqual(await b.client.dataJobPropertiesRead(upper), {});
    },
  },
  ...values.map(
    ([what, sent, read]): ConformanceCase => ({
      name: `properties keep ${what}`,
      covers: ['dataJobPropertiesUpdate', 'dataJobPropertiesRead'],
      traps: [18],
      async run(b) {
        const job = b.nameJob();
        isEmpty(await b.send('dataJobPropertiesUpdate', job, { body: sent }), 204);
        assert.deepEqual((await b.send('dataJobPropertiesRead', job)).json, read);
      },
    }),
  ),
  {
    name: 'numbers among properties lose their zeros at the end, and pass through a double unless whole',
    covers: ['dataJobPropertiesUpdate', 'dataJobPropertiesRead'],
    traps: [18],
    async run(b) {
      const job = b.nameJob();
      isEmpty(await b.send('dataJobPropertiesUpdate', job, { body: numbers }), 204);
      const { text } = await b.send('dataJobPropertiesRead', job);
      const shown = Object.fromEntries(
        [...text.matchAll(/"(\w)":\s*([^,}\s]+)/g)].map(([, key, value]) => [key, value]),
      );
      assert.partialDeepStrictEqual(shown, { a: '1', b: '2.5', c: '100', d: '0' });
      assert.equal(shown.f, '12345678901234567890');
      assert.equal(Number(shown.e), Number('12345678901234567890.5'));
    },
  },
  {
    name: 'properties of 3 MB are taken',
    covers: ['dataJobPropertiesUpdate', 'dataJobPropertiesRead'],
    async run(b) {
      const job = b.nameJob();
      const body = { a: 'x'.repeat(3_000_000) };
      isEmpty(await b.send('dataJobPropertiesUpdate', job, { body }), 204);
      assert.ok((await b.send('dataJobPropertiesRead', job)).bytes.length > 3_000_000);
    },
  },
  ...(
    [
      ['a list', '[1]'],
      ['a text', '"a"'],
      ['no end', '{"a":'],
    ] as const
  ).map(
    ([what, body]): ConformanceCase => ({
      name: `properties with ${what} are answered 400, and the old ones stay`,
      covers: ['dataJobPropertiesUpdate', 'dataJobPropertiesRead'],
      async run(b) {
        const job = b.nameJob();
        await b.client.dataJobPropertiesUpdate({ ...job, body: { a: 1 } });
        isFourFields(await b.send('dataJobPropertiesUpdate', job, { body }), 400, {
          what: 'An issue with the JSON body of the request was found',
        });
        isJson(await b.send('dataJobPropertiesRead', job), 200, { a: 1 });
      },
    }),
  ),
  {
    name: 'properties as text are answered 415',
    covers: ['dataJobPropertiesUpdate'],
    async run(b) {
      const headers = { 'content-type': 'text/plain' };
      const answer = await b.send('dataJobPropertiesUpdate', b.nameJob(), { body: 'a=b', headers });
      isFrameworkError(answer, 415);
      isStatus(answer, 415);
    },
  },
];
