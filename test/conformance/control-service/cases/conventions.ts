/** What all operations have in common: addresses, media types, headers, bodies, errors. */
import assert from 'node:assert/strict';
import type { OperationId } from '../../../../src/control-service/contract.ts';
import { isEmpty, isFourFields, isFrameworkError, isJson, isPage, isStatus } from '../answer.ts';
import type { ConformanceCase } from '../case.ts';

const encoded = encodeURIComponent;

/** What a missing body makes of each operation that takes JSON: with its type; without, 415. */
const missingBodies: readonly (readonly [
  OperationId,
  400 | 500,
  ('secretStore' | 'credentials')?,
])[] = [
  ['dataJobCreate', 400],
  ['dataJobUpdate', 400],
  ['deploymentPatch', 400],
  ['deploymentUpdate', 500],
  ['dataJobExecutionStart', 500],
  ['dataJobPropertiesUpdate', 400],
  ['dataJobSecretsUpdate', 400],
  ['oauthCredentialsPut', 500, 'secretStore'],
  ['getTeamIdsForClientIds', 400],
];

export const conventionCases: readonly ConformanceCase[] = [
  ...addresses(),
  ...mediaTypes(),
  ...headers(),
  ...bodies(),
  ...helperPages(),
];

function addresses(): readonly ConformanceCase[] {
  const teams = [
    ['with blanks', (team: string) => `${team} and more`],
    ['with blanks around', (team: string) => ` ${team} `],
    ['not of ASCII', (team: string) => `${team} Bücher 日本`],
    ['of 300 characters', (team: string) => team.padEnd(300, 'x')],
    ['with signs of URLs', (team: string) => `${team}?&=#+@:(1)`],
  ] as const;
  const refused = [
    ['an encoded slash', 'a%2Fb', 400],
    ['an encoded backslash', 'a%5Cb', 400],
    ['a semicolon', 'a;b', 500],
    ['an encoded semicolon', 'a%3Bb', 500],
    ['an encoded percent sign', 'a%25b', 500],
    ['two slashes', '/a', 500],
  ] as const;
  return [
    ...teams.map(
      ([what, make]): ConformanceCase => ({
        name: `a team can have a name ${what}`,
        covers: ['dataJobCreate', 'dataJobRead'],
        async run(b) {
          const job = b.nameJob(undefined, make(b.team));
          const body = { job_name: job.jobName, config: { generate_keytab: false } };
          const created = await b.send('dataJobCreate', job, { body });
          isEmpty(created, 201);
          const { team } = await b.client.dataJobRead(job);
          assert.equal(team, job.teamName);
        },
      }),
    ),
    ...refused.map(
      ([what, part, status]): ConformanceCase => ({
        name: `a path with ${what} is refused with ${status} before any operation`,
        covers: [],
        async run(b) {
          const answer = await b.call('GET', `/data-jobs/for-team/${part}/info`);
          if (status === 400) isPage(answer, 400);
          else isFrameworkError(answer, 500);
        },
      }),
    ),
    {
      name: 'team and job count to the letter, upper and lower case too',
      covers: ['dataJobRead'],
      async run(b) {
        const job = await b.createJob();
        const upper = { ...job, teamName: job.teamName.toUpperCase() };
        isEmpty(await b.send('dataJobRead', upper), 404);
        isEmpty(await b.send('dataJobRead', { ...job, teamName: ` ${job.teamName}` }), 404);
        isEmpty(await b.send('dataJobRead', { ...job, jobName: job.jobName.toUpperCase() }), 404);
      },
    },
    {
      name: 'a trailing slash is accepted',
      covers: ['info'],
      async run(b) {
        isStatus(await b.call('GET', `/data-jobs/for-team/${encoded(b.team)}/info/`), 200);
      },
    },
    {
      name: 'an unknown path is answered with the error of the framework',
      covers: [],
      run: async (b) => isFrameworkError(await b.call('GET', '/data-jobs/nowhere'), 404),
    },
    {
      name: 'request line and headers of more than 8 KB are refused with a page',
      covers: ['jobsQuery'],
      traps: [21],
      async run(b) {
        const path = `/data-jobs/for-team/${encoded(b.team)}/jobs`;
        isPage(await b.call('GET', path, { query: { query: 'x'.repeat(9_000) } }), 400);
        const long = {
          query: { query: `{jobs(pageNumber:1,search:"${'x'.repeat(5_000)}"){totalItems}}` },
        };
        isStatus(await b.call('GET', path, long), 200);
      },
    },
  ];
}

function mediaTypes(): readonly ConformanceCase[] {
  const wrongTypes: readonly (readonly [OperationId, string, string])[] = [
    ['dataJobCreate', 'text/plain', 'application/json'],
    ['dataJobPropertiesUpdate', 'text/plain', 'application/json'],
    ['sourcesUpload', 'application/zip', 'application/octet-stream'],
    ['sourcesUpload', 'application/json', 'application/octet-stream'],
  ];
  return [
    ...wrongTypes.map(
      ([id, type, wanted]): ConformanceCase => ({
        name: `${id} with a body of ${type} is answered 415, with the type to send`,
        covers: [id],
        async run(b) {
          const answer = await b.send(id, await b.createJob(), {
            body: '{}',
            headers: { 'content-type': type },
          });
          isFrameworkError(answer, 415);
          assert.ok(answer.headers.get('accept')?.includes(wanted));
        },
      }),
    ),
    {
      name: 'a method that a path does not have is answered 405, with those that it has',
      covers: [],
      async run(b) {
        const { teamName, jobName } = await b.createJob();
        const job = `/data-jobs/for-team/${encoded(teamName)}/jobs/${jobName}`;
        const deployment = await b.call('POST', `${job}/deployments/x`, { body: {} });
        isFrameworkError(deployment, 405);
        const allowed = deployment.headers.get('allow')?.split(/, */) ?? [];
        assert.deepEqual(
          ['GET', 'PATCH', 'DELETE'].filter((method) => !allowed.includes(method)),
          [],
        );
        const properties = await b.call('POST', `${job}/deployments/x/properties`, { body: {} });
        isFrameworkError(properties, 405);
      },
    },
    {
      name: 'an Accept that cannot be met is answered 406 without a body, an unknown path then 404 without one',
      covers: ['info'],
      async run(b) {
        const headers = { accept: 'text/csv' };
        isEmpty(await b.send('info', { teamName: b.team }, { headers }), 406);
        isEmpty(await b.call('GET', '/data-jobs/nowhere', { headers }), 404);
      },
    },
    {
      name: 'who takes only HTML gets an error as a page without an operation id',
      covers: [],
      async run(b) {
        isPage(
          await b.call('GET', '/data-jobs/nowhere', { headers: { accept: 'text/html' } }),
          404,
        );
      },
    },
    {
      name: 'JSON is labelled without a charset',
      covers: ['info'],
      async run(b) {
        isJson(await b.send('info', { teamName: b.team }), 200, {});
      },
    },
    {
      name: 'a download is bytes, also where the caller takes only JSON and gets it labelled so',
      covers: ['dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job);
        const plain = await b.send('dataJobSourcesDownload', job);
        assert.equal(plain.headers.get('content-type'), 'application/octet-stream');
        assert.equal(plain.headers.get('content-length'), String(plain.bytes.length));
        assert.equal(plain.headers.get('content-disposition'), undefined);
        const headers = { accept: 'application/json' };
        const json = await b.send('dataJobSourcesDownload', job, { headers });
        assert.equal(json.headers.get('content-type'), 'application/json');
        assert.deepEqual(json.bytes.subarray(0, 2), new TextEncoder().encode('PK'));
      },
    },
    {
      name: 'a part of a download can be had',
      covers: ['dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job);
        const whole = await b.send('dataJobSourcesDownload', job);
        assert.equal(whole.headers.get('accept-ranges'), 'bytes');
        const headers = { range: 'bytes=1-3' };
        const part = await b.send('dataJobSourcesDownload', job, { headers });
        isStatus(part, 206);
        assert.deepEqual(part.bytes, whole.bytes.subarray(1, 4));
      },
    },
  ];
}

function headers(): readonly ConformanceCase[] {
  return [
    {
      name: 'every answer carries the operation id that was sent, errors and empty ones too',
      covers: ['dataJobRead', 'dataJobExecutionList', 'info'],
      async run(b) {
        const job = b.nameJob();
        const headers = { 'x-opid': 'abc123' };
        const answers = [
          await b.send('info', job, { headers }),
          await b.send('dataJobRead', job, { headers }),
          await b.send('dataJobExecutionList', job, { headers }),
          await b.call('GET', '/data-jobs/nowhere', { headers }),
        ];
        assert.deepEqual(
          answers.map((answer) => answer.headers.get('x-opid')),
          ['abc123', 'abc123', 'abc123', 'abc123'],
        );
      },
    },
    {
      name: 'without one the service makes an operation id of the time',
      covers: ['info'],
      async run(b) {
        const answer = await b.send('info', { teamName: b.team });
        assert.match(answer.headers.get('x-opid') ?? '', /^0\d{13}$/);
      },
    },
    {
      name: 'nothing may be cached, and no answer says which state it is of',
      covers: ['dataJobRead', 'deploymentList'],
      traps: [27],
      async run(b) {
        const job = await b.createJob();
        for (const id of ['dataJobRead', 'deploymentList'] as const) {
          const { headers } = await b.send(id, job);
          assert.match(headers.get('cache-control') ?? '', /no-cache.*no-store/);
          assert.equal(headers.get('etag'), undefined);
          assert.equal(headers.get('last-modified'), undefined);
        }
      },
    },
    {
      name: 'the last of two writes wins, whatever they knew of each other',
      covers: ['dataJobUpdate', 'dataJobRead'],
      traps: [27],
      async run(b) {
        const job = await b.createJob();
        for (const description of ['one', 'two']) {
          const headers = { 'if-match': '"an old state"' };
          const body = { job_name: job.jobName, description };
          isEmpty(await b.send('dataJobUpdate', job, { body, headers }), 200);
        }
        assert.equal((await b.client.dataJobRead(job)).description, 'two');
      },
    },
    {
      name: 'Location is absolute, for the host that was asked, with its path encoded',
      covers: ['dataJobCreate'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName, config: { generate_keytab: false } };
        const { headers } = await b.send('dataJobCreate', job, { body });
        const location = new URL(headers.get('location') ?? '');
        assert.equal(
          location.pathname,
          `/data-jobs/for-team/${encoded(job.teamName)}/jobs/${job.jobName}`,
        );
      },
    },
  ];
}

function bodies(): readonly ConformanceCase[] {
  return [
    ...missingBodies.map(
      ([id, status, need]): ConformanceCase => ({
        name: `${id} without a body is answered ${status}, and 415 without a type`,
        covers: [id],
        traps: [34],
        ...(need === undefined ? {} : { needs: [need] }),
        async run(b) {
          const job = await b.createJob();
          const headers = { 'content-type': 'application/json' };
          for (const body of [undefined, 'null']) {
            isFourFields(await b.send(id, job, { headers, body }), status, {
              what:
                status === 400
                  ? 'An issue with the JSON body of the request was found'
                  : 'A coding error (bug) was found.',
              ...(status === 400 ? { why: /^Required request body is missing: / } : {}),
            });
          }
          isFrameworkError(await b.send(id, job), 415);
        },
      }),
    ),
    {
      name: 'sourcesUpload without a body is answered 400, with a type and without',
      covers: ['sourcesUpload'],
      traps: [34],
      async run(b) {
        const job = await b.createJob();
        const what = 'An issue with the JSON body of the request was found';
        isFourFields(await b.send('sourcesUpload', job), 400, { what });
        isFourFields(await b.send('sourcesUpload', job, { body: new Uint8Array() }), 400, { what });
      },
    },
    {
      name: 'unknown fields of a body are ignored',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob({ unknown: { a: 1 } }, { more: ['x'] });
        const { json } = await b.send('dataJobRead', job);
        assert.deepEqual(Object.keys(json as object).sort(), [
          'config',
          'description',
          'job_name',
          'team',
        ]);
      },
    },
    {
      name: 'absent values are sent as null, and lists as empty',
      covers: ['dataJobRead'],
      async run(b) {
        const { json } = await b.send('dataJobRead', await b.createJob());
        assert.partialDeepStrictEqual(json, {
          description: null,
          config: {
            db_default_type: null,
            schedule: { schedule_cron: null },
            contacts: {
              notified_on_job_failure_user_error: [],
              notified_on_job_failure_platform_error: [],
              notified_on_job_success: [],
              notified_on_job_deploy: [],
            },
          },
        });
      },
    },
    {
      name: 'a value that can become the right type does',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob(
          {
            notification_delay_period_minutes: '17',
            enable_execution_notifications: 'false',
            schedule: { schedule_cron: 5 },
          },
          { description: 5 },
        );
        assert.partialDeepStrictEqual((await b.send('dataJobRead', job)).json, {
          description: '5',
          config: {
            notification_delay_period_minutes: 17,
            enable_execution_notifications: false,
            schedule: { schedule_cron: '5' },
          },
        });
      },
    },
    ...(
      [
        ['a wrong type', '{"config":"text"}', /^JSON parse error: .*DataJobConfig/s],
        [
          'a number that is none',
          '{"config":{"notification_delay_period_minutes":"x"}}',
          /java\.lang\.Integer/,
        ],
        [
          'a truth value that is none',
          '{"config":{"generate_keytab":"maybe"}}',
          /java\.lang\.Boolean/,
        ],
        ['a list in its place', '[]', /^JSON parse error: /],
        ['an end in the middle', '{"job_name": ', /^JSON parse error: /],
      ] as const
    ).map(
      ([what, body, why]): ConformanceCase => ({
        name: `a body with ${what} is answered 400 in the words of the parser`,
        covers: ['dataJobCreate'],
        async run(b) {
          isFourFields(await b.send('dataJobCreate', b.nameJob(), { body }), 400, {
            what: 'An issue with the JSON body of the request was found',
            why,
            consequences: 'The API call will fail with 400 BAD REQUEST.',
            countermeasures: 'Inspect your input and fix the problem.',
          });
        },
      }),
    ),
    {
      name: 'an unknown value of an enumeration is answered 400, and the known ones are ignored',
      covers: ['deploymentUpdate'],
      async run(b) {
        const job = b.nameJob();
        const wrong = await b.send('deploymentUpdate', job, { body: { mode: 'production' } });
        isFourFields(wrong, 400, { why: /^JSON parse error: / });
        isEmpty(await b.send('deploymentUpdate', job, { body: { mode: 'testing' } }), 404);
      },
    },
  ];
}

function helperPages(): readonly ConformanceCase[] {
  return [
    {
      name: 'the time of the service can be had without a token, as text and as a number',
      covers: [],
      async run(b) {
        const text = await b.call('GET', '/data-jobs/debug/servertime', { token: undefined });
        assert.match(String(text.json), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
        const path = '/data-jobs/debug/servertime-millis';
        const { json } = await b.call('GET', path, { token: undefined });
        assert.equal(typeof json, 'number');
        assert.ok(Math.abs(Number(json) - Date.parse(String(text.json))) < 60_000);
      },
    },
    {
      name: 'the health of the service can be had without a token',
      covers: [],
      async run(b) {
        const answer = await b.call('GET', '/data-jobs/debug/health', { token: undefined });
        isStatus(answer, 200);
        assert.partialDeepStrictEqual(answer.json, { status: 'UP' });
      },
    },
    {
      name: 'there is a page to try the operations on, open without a token',
      covers: [],
      async run(b) {
        const page = await b.call('GET', '/data-jobs/swagger-ui.html', { token: undefined });
        isStatus(page, 302);
        assert.match(page.headers.get('location') ?? '', /\/swagger-ui\/index\.html/);
      },
    },
    {
      name: 'the document of the API is open without a token',
      covers: [],
      async run(b) {
        const answer = await b.call('GET', '/data-jobs/api-docs', { token: undefined });
        isStatus(answer, 200);
        assert.ok(Object.keys(answer.json ?? {}).includes('paths'));
      },
    },
    {
      name: 'the page of metrics tells team, contacts and delay of a job',
      covers: [],
      needs: ['gauge'],
      async run(b) {
        const { jobName, teamName } = await b.createJob({
          contacts: { notified_on_job_success: ['a@example.com', 'b@example.com'] },
          notification_delay_period_minutes: 17,
        });
        await b.eventually('the job is on the page of metrics', async () => {
          const { text } = await b.call('GET', '/data-jobs/debug/prometheus');
          const lines = text.split('\n').filter((line) => line.includes(`data_job="${jobName}"`));
          const info = lines.find((line) => line.startsWith('taurus_datajob_info{'));
          const delay = lines.find((line) => line.startsWith('taurus_datajob_notification_delay{'));
          if (info === undefined || delay === undefined) return undefined;
          assert.ok(info.includes(`team="${teamName}"`), info);
          assert.match(info, /email_notified_on_success="a@example\.com.b@example\.com"/);
          assert.match(info, / 1(\.0)?$/);
          assert.match(delay, / 17(\.0)?$/);
          return true;
        });
      },
    },
  ];
}
