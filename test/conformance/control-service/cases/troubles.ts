/** Systems around the service: webhooks that refuse, and outages. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isJson, isStatus } from '../answer.ts';
import type { ConformanceCase } from '../case.ts';

export const troubleCases: readonly ConformanceCase[] = [
  ...refusedByWebhooks(),
  ...authorizedByWebhooks(),
  ...outages(),
];

function refusedByWebhooks(): readonly ConformanceCase[] {
  return [
    {
      name: 'a webhook that refuses a new job with 409 lends its status and words, so a 409 with a body is no taken name',
      covers: ['dataJobCreate', 'dataJobRead'],
      traps: [1],
      needs: ['webhooks'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName, config: { generate_keytab: false } };
        const calls = await b.powers.withHooks(
          ({ url }) => (url.includes('/created') ? [409, 'no more jobs for you'] : undefined),
          async () => {
            isFourFields(await b.send('dataJobCreate', job, { body }), 409, {
              what: 'Post Create Web Hook call associated with this request returns client error.',
              why: 'no more jobs for you',
            });
          },
        );
        const [call] = calls.filter(({ url }) => url.includes('/created'));
        const path = `/data-jobs/for-team/${encodeURIComponent(job.teamName)}/jobs`;
        assert.ok(call?.url.endsWith(`/created${path}`));
        assert.partialDeepStrictEqual(call?.body, {
          requested_resource_team: job.teamName,
          requested_resource_name: 'data-job',
          requested_resource_id: job.jobName,
          requested_http_path: decodeURIComponent(path),
          requested_http_verb: 'POST',
        });
        isEmpty(await b.send('dataJobRead', job), 404);
      },
    },
    ...([500, 302] as const).map(
      (status): ConformanceCase => ({
        name: `a webhook that answers ${status} to a new job makes it 503, ${status === 500 ? 'after four tries' : 'at once'}`,
        covers: ['dataJobCreate', 'dataJobRead'],
        needs: ['webhooks'],
        async run(b) {
          const job = b.nameJob();
          const calls = await b.powers.withHooks(
            ({ url }) => (url.includes('/created') ? [status, ''] : undefined),
            async () => {
              const body = { job_name: job.jobName };
              isFourFields(await b.send('dataJobCreate', job, { body }), 503, {
                what: /^Webhook server encountered an error: /,
              });
            },
          );
          const asked = calls.filter(({ url }) => url.includes('/created'));
          assert.equal(asked.length, status === 500 ? 4 : 1);
          isEmpty(await b.send('dataJobRead', job), 404);
        },
      }),
    ),
    {
      name: 'a webhook that refuses a deletion keeps the job, but not its sources',
      covers: ['dataJobDelete', 'dataJobRead', 'dataJobSourcesDownload'],
      traps: [20],
      needs: ['webhooks'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job);
        await b.powers.withHooks(
          ({ url }) => (url.includes('/deleted') ? [400, 'keep it'] : undefined),
          async () => {
            isFourFields(await b.send('dataJobDelete', job), 400, {
              what: 'Post Delete Web Hook call associated with this request returns client error.',
              why: 'keep it',
            });
          },
        );
        isStatus(await b.send('dataJobRead', job), 200);
        isEmpty(await b.send('dataJobSourcesDownload', job), 404);
      },
    },
  ];
}

function authorizedByWebhooks(): readonly ConformanceCase[] {
  return [
    ...([401, 403, 404] as const).map(
      (status): ConformanceCase => ({
        name: `a webhook that does not let a user answers ${status} in its own words, without a header of the service`,
        covers: ['dataJobRead'],
        traps: [3],
        needs: ['ownTokens', 'webhooks'],
        async run(b) {
          const job = await b.createJob();
          const token = await b.powers.issueToken({ username: 'eve' });
          const calls = await b.powers.withHooks(
            ({ body }) => (body.requester_user_id === 'eve' ? [status, 'not you'] : undefined),
            async () => {
              const answer = await b.send('dataJobRead', job, { token });
              isStatus(answer, status);
              assert.equal(answer.text, 'not you');
              assert.equal(answer.headers.get('x-opid'), undefined);
              assert.equal(answer.headers.get('www-authenticate'), undefined);
            },
          );
          assert.partialDeepStrictEqual(
            calls.find(({ body }) => body.requester_user_id === 'eve'),
            {
              body: {
                requested_resource_team: job.teamName,
                requested_resource_id: job.jobName,
                requested_http_verb: 'GET',
                requested_permission: 'read',
              },
            },
          );
        },
      }),
    ),
    {
      name: 'an authorization webhook that fails is asked once more, and then it is 503',
      covers: ['dataJobRead'],
      needs: ['ownTokens', 'webhooks'],
      async run(b) {
        const job = await b.createJob();
        const token = await b.powers.issueToken({ username: 'eve' });
        const calls = await b.powers.withHooks(
          ({ body }) => (body.requester_user_id === 'eve' ? [500, ''] : undefined),
          async () => isFourFields(await b.send('dataJobRead', job, { token }), 503),
        );
        assert.equal(calls.filter(({ body }) => body.requester_user_id === 'eve').length, 2);
      },
    },
  ];
}

function outages(): readonly ConformanceCase[] {
  const kubernetes = { what: /^KUBERNETES encountered an error: / };
  return [
    {
      name: 'with the cluster out of reach reads of jobs work, and starting, logs and deleting are 503',
      covers: [
        'dataJobRead',
        'dataJobExecutionList',
        'dataJobExecutionStart',
        'dataJobLogsDownload',
        'dataJobDelete',
      ],
      traps: [20],
      needs: ['outages'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        await b.powers.during('KUBERNETES', async () => {
          isStatus(await b.send('dataJobRead', job), 200);
          isStatus(await b.send('dataJobExecutionList', job), 200);
          const start = await b.send('dataJobExecutionStart', job, { body: {} });
          isFourFields(start, 503, kubernetes);
          const logs = await b.send('dataJobLogsDownload', { ...job, executionId });
          isFourFields(logs, 503, kubernetes);
          isFourFields(await b.send('dataJobDelete', job), 503, kubernetes);
        });
        isStatus(await b.send('dataJobRead', job), 200);
        assert.equal((await b.client.dataJobExecutionList(job)).length, 1);
      },
    },
    {
      name: 'with the cluster out of reach a job with a keytab cannot be made, nor its keytab be had',
      covers: ['dataJobCreate', 'dataJobKeytabDownload', 'dataJobRead'],
      needs: ['outages'],
      async run(b) {
        const there = await b.createJob({ generate_keytab: true });
        const job = b.nameJob();
        await b.powers.during('KUBERNETES', async () => {
          const body = { job_name: job.jobName, config: { generate_keytab: true } };
          isFourFields(await b.send('dataJobCreate', job, { body }), 503, kubernetes);
          isFourFields(await b.send('dataJobKeytabDownload', there), 503, kubernetes);
        });
        isEmpty(await b.send('dataJobRead', job), 404);
      },
    },
    {
      name: 'a cluster out of reach never looks like "not deployed", but in a query',
      covers: [
        'deploymentList',
        'deploymentRead',
        'deploymentPatch',
        'deploymentDelete',
        'jobsQuery',
      ],
      traps: [21],
      needs: ['outages', 'cluster'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        await b.powers.during('KUBERNETES', async () => {
          for (const id of ['deploymentList', 'deploymentRead', 'deploymentDelete'] as const) {
            isFourFields(await b.send(id, job), 503, kubernetes);
          }
          const body = { enabled: false };
          isFourFields(await b.send('deploymentPatch', job, { body }), 503, kubernetes);
          const filter = `filter:[{property:"jobName",pattern:"${job.jobName}"}]`;
          const rows = await b.jobsOf(
            `{jobs(pageNumber:1,${filter}){content{jobName deployments{enabled}}}}`,
          );
          assert.deepEqual(rows.content, [{ jobName: job.jobName, deployments: null }]);
          isEmpty(await b.send('deploymentUpdate', job, { body: { enabled: true } }), 202);
        });
        assert.partialDeepStrictEqual(await b.deployment(job), {
          job_version: version,
          enabled: true,
        });
      },
    },
    {
      name: 'with Git out of reach a deletion is 503 although the job is gone: the repeat is 404',
      covers: ['dataJobDelete', 'dataJobRead'],
      traps: [20],
      needs: ['outages'],
      async run(b) {
        const job = await b.createJob();
        await b.powers.during('Git', async () => {
          const what = /^Git encountered an error: /;
          isFourFields(await b.send('dataJobDelete', job), 503, { what });
        });
        isEmpty(await b.send('dataJobDelete', job), 404);
      },
    },
    {
      name: 'with Git out of reach sources can be neither uploaded nor downloaded nor deleted',
      covers: ['sourcesUpload', 'dataJobSourcesDownload', 'sourcesDelete'],
      needs: ['outages'],
      async run(b) {
        const job = await b.createJob();
        const before = await b.upload(job);
        const { bytes: zip } = await b.send('dataJobSourcesDownload', job);
        await b.powers.during('Git', async () => {
          const what = /^Git encountered an error: /;
          isFourFields(await b.send('dataJobSourcesDownload', job), 503, { what });
          isFourFields(await b.send('sourcesDelete', job), 503, { what });
          isFourFields(await b.send('sourcesUpload', job, { body: zip }), 503, { what });
        });
        assert.equal(await b.upload(job), before);
        isJson(await b.send('dataJobRead', job), 200, { job_name: job.jobName });
      },
    },
  ];
}
