/** Data jobs: info, create, read, replace, delete, team move, keytab. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isFrameworkError, isJson, isStatus } from '../answer.ts';
import type { Bench } from '../bench.ts';
import type { ConformanceCase } from '../case.ts';

export const jobCases: readonly ConformanceCase[] = [
  ...info(),
  ...creating(),
  ...creatingNames(),
  ...reading(),
  ...replacing(),
  ...deleting(),
  ...moving(),
  ...keytabs(),
];

const noContacts = {
  notified_on_job_failure_user_error: [],
  notified_on_job_failure_platform_error: [],
  notified_on_job_success: [],
  notified_on_job_deploy: [],
};

const full = {
  db_default_type: 'TRINO',
  contacts: {
    notified_on_job_failure_user_error: ['a@example.com', 'b@example.com'],
    notified_on_job_failure_platform_error: ['c@example.com'],
    notified_on_job_success: ['d@example.com'],
    notified_on_job_deploy: ['e@example.com'],
  },
  schedule: { schedule_cron: '11 23 5 8 1' },
  generate_keytab: false,
  enable_execution_notifications: false,
  notification_delay_period_minutes: 60,
};

function info(): readonly ConformanceCase[] {
  return [
    {
      name: 'info tells what the service is and which python versions it builds for',
      covers: ['info'],
      async run(b) {
        const { json } = await b.send('info', { teamName: b.team });
        const { api_version, supported_python_versions } = json as Record<string, unknown>;
        assert.match(String(api_version), /^PipelinesControlService\/\S+ \(.+\)$/);
        assert.ok(Array.isArray(supported_python_versions) && supported_python_versions.length > 0);
      },
    },
    {
      name: 'info does not look at the team',
      covers: ['info'],
      async run(b) {
        const of = (teamName: string) => b.send('info', { teamName });
        assert.deepEqual((await of(`no such ${b.team}`)).json, (await of(b.team)).json);
      },
    },
  ];
}

function creating(): readonly ConformanceCase[] {
  return [
    {
      name: 'all that is given to a new job reads back',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob(full, { description: 'a job' });
        isJson(await b.send('dataJobRead', job), 200, {});
        assert.deepEqual((await b.send('dataJobRead', job)).json, {
          job_name: job.jobName,
          team: job.teamName,
          description: 'a job',
          config: full,
        });
      },
    },
    {
      name: 'what an existing config leaves out takes its default',
      covers: ['dataJobCreate', 'dataJobRead'],
      needs: ['credentials'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName, config: {} };
        isEmpty(await b.send('dataJobCreate', job, { body }), 201);
        assert.deepEqual(((await b.send('dataJobRead', job)).json as { config: unknown }).config, {
          db_default_type: null,
          contacts: noContacts,
          schedule: { schedule_cron: null },
          generate_keytab: true,
          enable_execution_notifications: true,
          notification_delay_period_minutes: 240,
        });
      },
    },
    {
      name: 'without a config there are no defaults and no keytab',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        for (const config of [undefined, null]) {
          const job = b.nameJob();
          const body = { job_name: job.jobName, config };
          isEmpty(await b.send('dataJobCreate', job, { body }), 201);
          isJson(await b.send('dataJobRead', job), 200, {
            config: {
              generate_keytab: false,
              enable_execution_notifications: null,
              notification_delay_period_minutes: null,
            },
          });
        }
      },
    },
    {
      name: 'an explicit null of the notifications stays null',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob({
          enable_execution_notifications: null,
          notification_delay_period_minutes: null,
        });
        isJson(await b.send('dataJobRead', job), 200, {
          config: { enable_execution_notifications: null, notification_delay_period_minutes: null },
        });
      },
    },
    {
      name: 'generate_keytab null is answered 500, and no job is left',
      covers: ['dataJobCreate', 'dataJobUpdate', 'dataJobRead'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName, config: { generate_keytab: null } };
        const what = 'A coding error (bug) was found.';
        isFourFields(await b.send('dataJobCreate', job, { body }), 500, { what });
        isEmpty(await b.send('dataJobRead', job), 404);
        const there = await b.createJob({}, { description: 'kept' });
        const again = { ...body, job_name: there.jobName };
        isFourFields(await b.send('dataJobUpdate', there, { body: again }), 500, { what });
        assert.equal((await b.client.dataJobRead(there)).description, 'kept');
      },
    },
    {
      name: 'no schedule is too wrong to be stored, and an empty one is not a missing one',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        for (const schedule_cron of ['every day', '', null]) {
          const job = await b.createJob({ schedule: { schedule_cron } });
          isJson(await b.send('dataJobRead', job), 200, {
            config: { schedule: { schedule_cron } },
          });
        }
      },
    },
    {
      name: 'contacts are stored as one text: semicolons split, nothing vanishes, null becomes a word',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob({
          contacts: {
            notified_on_job_success: ['a@example.com;b@example.com'],
            notified_on_job_deploy: ['', 'c@example.com', ''],
            notified_on_job_failure_user_error: null,
            notified_on_job_failure_platform_error: [null],
          },
        });
        assert.deepEqual((await b.client.dataJobRead(job)).config?.contacts, {
          notified_on_job_success: ['a@example.com', 'b@example.com'],
          notified_on_job_deploy: ['c@example.com'],
          notified_on_job_failure_user_error: [],
          notified_on_job_failure_platform_error: ['null'],
        });
      },
    },
    {
      name: 'a NUL character in a text is answered 500, and no job is left',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName, description: 'a\0b' };
        isFourFields(await b.send('dataJobCreate', job, { body }), 500);
        isEmpty(await b.send('dataJobRead', job), 404);
      },
    },
    {
      name: 'a taken name is answered 409 without a body, also to another team, and nothing changes',
      covers: ['dataJobCreate', 'dataJobRead'],
      traps: [1, 3],
      async run(b) {
        const job = await b.createJob({}, { description: 'first' });
        for (const teamName of [b.team, b.otherTeam]) {
          const body = { job_name: job.jobName, description: 'second' };
          isEmpty(await b.send('dataJobCreate', { ...job, teamName }, { body }), 409);
        }
        assert.equal((await b.client.dataJobRead(job)).description, 'first');
        isEmpty(await b.send('dataJobRead', { ...job, teamName: b.otherTeam }), 404);
      },
    },
    {
      name: 'creates of one name at one moment can all succeed: only reading back tells whose it is',
      covers: ['dataJobCreate', 'dataJobRead'],
      traps: [28],
      async run(b) {
        const job = b.nameJob();
        const made = await Promise.all(
          ['1', '2', '3', '4'].map(async (description) => {
            const body = { job_name: job.jobName, description };
            const { status } = await b.send('dataJobCreate', job, { body });
            return { description, status };
          }),
        );
        const winners = made.filter(({ status }) => status === 201);
        const losers = made.filter(({ status }) => status !== 201);
        assert.notEqual(winners.length, 0);
        assert.ok(losers.every(({ status }) => status === 409));
        const { description } = await b.client.dataJobRead(job);
        assert.ok(winners.some((winner) => winner.description === description));
        const late = { job_name: job.jobName };
        isEmpty(await b.send('dataJobCreate', job, { body: late }), 409);
      },
    },
  ];
}

function creatingNames(): readonly ConformanceCase[] {
  const nameRule =
    'starting with lowercase letter, only lowercase alphanumeric characters or dash and between 6 and 50 characters';
  const refused = [
    ['of 5 characters', 'abcde'],
    ['of 51 characters', 'a'.repeat(51)],
    ['with upper case', 'UPPER-case'],
    ['with a digit in front', '9digit-first'],
    ['with an underscore', 'under_score'],
    ['with a dot', 'with.a-dot'],
    ['that is empty', ''],
    ['that is blank', '   '],
  ] as const;
  const accepted = [
    ['of 6 characters', (hex: string) => `c${hex}`.slice(0, 6)],
    ['of 50 characters', (hex: string) => `c${hex}`.padEnd(50, 'x')],
    ['with a dash at the end', (hex: string) => `c${hex}-`],
    ['with two dashes', (hex: string) => `c--${hex}`],
  ] as const;
  const constraint = (field: string, rule: string, value: string | null) => ({
    what: `Parameter ${field} is not valid.`,
    why: `It must be ${rule}, but was ${value}.`,
    consequences: 'API call fails with 400 BAD REQUEST.',
    countermeasures: `Provide value that is ${rule}.`,
  });
  return [
    ...refused.map(
      ([what, name]): ConformanceCase => ({
        name: `a job cannot have a name ${what}`,
        covers: ['dataJobCreate'],
        traps: [2],
        async run(b) {
          const answer = await b.send('dataJobCreate', b.nameJob(), { body: { job_name: name } });
          isFourFields(answer, 400, constraint('dataJob.jobName', nameRule, name));
        },
      }),
    ),
    ...accepted.map(
      ([what, make]): ConformanceCase => ({
        name: `a job can have a name ${what}`,
        covers: ['dataJobCreate', 'dataJobRead'],
        traps: [2],
        async run(b) {
          const job = b.nameJob(make(b.team.slice(-6)));
          const body = { job_name: job.jobName };
          isEmpty(await b.send('dataJobCreate', job, { body }), 201);
          assert.equal((await b.client.dataJobRead(job)).job_name, job.jobName);
        },
      }),
    ),
    {
      name: 'a job without a name is refused',
      covers: ['dataJobCreate'],
      async run(b) {
        const answer = await b.send('dataJobCreate', b.nameJob(), { body: { description: 'x' } });
        const rule = 'missing or malformed data job name';
        isFourFields(answer, 400, constraint('dataJob.jobName', rule, null));
      },
    },
    {
      name: 'a name in the query must be that of the body, unless it is blank',
      covers: ['dataJobCreate'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName };
        const rule = 'the same as the name in the request URL query parameter';
        isFourFields(
          await b.send('dataJobCreate', job, { body, query: { name: `${job.jobName}x` } }),
          400,
          constraint('dataJob.jobName', rule, job.jobName),
        );
        isEmpty(await b.send('dataJobCreate', job, { body, query: { name: ' ' } }), 201);
        const other = b.nameJob();
        const query = { name: other.jobName };
        const same = { body: { job_name: other.jobName }, query };
        isEmpty(await b.send('dataJobCreate', other, same), 201);
      },
    },
    {
      name: 'a team in the body must be that of the path, to the letter; none or null is filled in',
      covers: ['dataJobCreate', 'dataJobRead'],
      async run(b) {
        const rule = 'the same as the team name in the request URL query parameter';
        for (const team of [b.otherTeam, b.team.toUpperCase(), '']) {
          const job = b.nameJob();
          isFourFields(
            await b.send('dataJobCreate', job, { body: { job_name: job.jobName, team } }),
            400,
            constraint('dataJob.team', rule, team),
          );
        }
        for (const team of [undefined, null, b.team]) {
          const job = b.nameJob();
          isEmpty(
            await b.send('dataJobCreate', job, { body: { job_name: job.jobName, team } }),
            201,
          );
          assert.equal((await b.client.dataJobRead(job)).team, b.team);
        }
      },
    },
    {
      name: 'a blank team in the path is refused',
      covers: ['dataJobCreate'],
      async run(b) {
        const job = b.nameJob(undefined, ' ');
        const answer = await b.send('dataJobCreate', job, { body: { job_name: job.jobName } });
        isFourFields(answer, 400, constraint('team', 'in path should not be blank', null));
      },
    },
    {
      name: 'the name is looked at before the team',
      covers: ['dataJobCreate'],
      async run(b) {
        const body = { job_name: 'x', team: b.otherTeam };
        isFourFields(
          await b.send('dataJobCreate', b.nameJob(), { body }),
          400,
          constraint('dataJob.jobName', nameRule, 'x'),
        );
      },
    },
  ];
}

function reading(): readonly ConformanceCase[] {
  return [
    {
      name: 'a job that is not there, or is of another team, is 404 without a body',
      covers: ['dataJobRead'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('dataJobRead', b.nameJob()), 404);
        isEmpty(await b.send('dataJobRead', { ...job, teamName: b.otherTeam }), 404);
      },
    },
  ];
}

const replace = (b: Bench, job: { teamName: string; jobName: string }, body: unknown) =>
  b.send('dataJobUpdate', job, { body });

function replacing(): readonly ConformanceCase[] {
  return [
    {
      name: 'a replacement is answered 200 without a body',
      covers: ['dataJobUpdate'],
      traps: [4],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await replace(b, job, { job_name: job.jobName }), 200);
      },
    },
    {
      name: 'a replacement with the name alone clears all, even what has a default',
      covers: ['dataJobUpdate', 'dataJobRead'],
      traps: [4],
      async run(b) {
        const job = await b.createJob(full, { description: 'x' });
        await replace(b, job, { job_name: job.jobName });
        assert.deepEqual((await b.send('dataJobRead', job)).json, {
          job_name: job.jobName,
          team: job.teamName,
          description: null,
          config: {
            db_default_type: null,
            contacts: noContacts,
            schedule: { schedule_cron: null },
            generate_keytab: false,
            enable_execution_notifications: null,
            notification_delay_period_minutes: null,
          },
        });
      },
    },
    {
      name: 'a replacement with an empty config brings the defaults back',
      covers: ['dataJobUpdate', 'dataJobRead'],
      traps: [4],
      async run(b) {
        const job = await b.createJob(full);
        await replace(b, job, { job_name: job.jobName, config: {} });
        isJson(await b.send('dataJobRead', job), 200, {
          config: {
            db_default_type: null,
            contacts: noContacts,
            generate_keytab: true,
            enable_execution_notifications: true,
            notification_delay_period_minutes: 240,
          },
        });
      },
    },
    {
      name: 'a replacement of a job that is not there is 404 without a body, and makes none',
      covers: ['dataJobUpdate', 'dataJobRead'],
      traps: [3],
      async run(b) {
        const absent = b.nameJob();
        isEmpty(await replace(b, absent, { job_name: absent.jobName }), 404);
        isEmpty(await b.send('dataJobRead', absent), 404);
        const job = await b.createJob();
        const theirs = { ...job, teamName: b.otherTeam };
        isEmpty(await replace(b, theirs, { job_name: job.jobName, team: b.otherTeam }), 404);
      },
    },
    {
      name: 'a replacement looks for the job before the names, and after the body is read',
      covers: ['dataJobUpdate'],
      async run(b) {
        const absent = b.nameJob();
        isEmpty(await replace(b, absent, { job_name: 'another-one' }), 404);
        isFourFields(await replace(b, absent, '{"job_name": '), 400);
      },
    },
    {
      name: 'a replacement must name the job as the path does',
      covers: ['dataJobUpdate'],
      async run(b) {
        const job = await b.createJob();
        for (const job_name of [undefined, 'another-one']) {
          isFourFields(await replace(b, job, { job_name }), 400, {
            what: 'Parameter dataJob.jobName is not valid.',
            why: `It must be the same as the name in the PUT request URL, but was ${job_name ?? 'null'}.`,
          });
        }
      },
    },
    {
      name: 'a replacement cannot change the team; a null one is no change',
      covers: ['dataJobUpdate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob();
        for (const team of [b.otherTeam, '']) {
          isFourFields(await replace(b, job, { job_name: job.jobName, team }), 400, {
            what: 'Parameter dataJob.team is not valid.',
            why: `It must be  '${job.teamName}' as the team of an existing job cannot be changed through this API, but was ${team}.`,
            countermeasures: /UpdateJobTeam API/,
          });
        }
        isEmpty(await replace(b, job, { job_name: job.jobName, team: null }), 200);
        assert.equal((await b.client.dataJobRead(job)).team, job.teamName);
      },
    },
    {
      name: 'the client makes, reads, replaces and deletes a job',
      covers: ['dataJobCreate', 'dataJobRead', 'dataJobUpdate', 'dataJobDelete'],
      async run(b) {
        const job = b.nameJob();
        const body = { job_name: job.jobName, description: 'x', config: full };
        const made = await b.client.dataJobCreate({ teamName: job.teamName, body });
        assert.equal(made.jobName, job.jobName);
        assert.deepEqual(await b.client.dataJobRead(job), { ...body, team: job.teamName });
        const changed = { ...body, description: 'y' };
        await b.client.dataJobUpdate({ ...job, body: changed });
        assert.equal((await b.client.dataJobRead(job)).description, 'y');
        await b.client.dataJobDelete(job);
        await assert.rejects(b.client.dataJobRead(job), { reason: 'NotFound', status: 404 });
      },
    },
  ];
}

function deleting(): readonly ConformanceCase[] {
  return [
    {
      name: 'a deletion is answered 200 without a body, the second one 404 without one',
      covers: ['dataJobDelete', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('dataJobDelete', { ...job, teamName: b.otherTeam }), 404);
        isEmpty(await b.send('dataJobDelete', job), 200);
        isEmpty(await b.send('dataJobRead', job), 404);
        isEmpty(await b.send('dataJobDelete', job), 404);
      },
    },
    {
      name: 'properties survive their job, and come back with its name, also in another team',
      covers: ['dataJobDelete', 'dataJobPropertiesRead', 'dataJobPropertiesUpdate'],
      traps: [18],
      async run(b) {
        const job = await b.createJob();
        await b.client.dataJobPropertiesUpdate({ ...job, body: { last_id: 7 } });
        await b.client.dataJobDelete(job);
        assert.deepEqual(await b.client.dataJobPropertiesRead(job), { last_id: 7 });
        const theirs = b.nameJob(job.jobName, b.otherTeam);
        const body = { job_name: job.jobName };
        isEmpty(await b.send('dataJobCreate', theirs, { body }), 201);
        assert.deepEqual(await b.client.dataJobPropertiesRead(theirs), { last_id: 7 });
      },
    },
    {
      name: 'sources do not survive their job',
      covers: ['dataJobDelete', 'dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job);
        await b.client.dataJobDelete(job);
        isEmpty(await b.send('dataJobSourcesDownload', job), 404);
        const body = { job_name: job.jobName };
        isEmpty(await b.send('dataJobCreate', job, { body }), 201);
        isEmpty(await b.send('dataJobSourcesDownload', job), 404);
      },
    },
  ];
}

function moving(): readonly ConformanceCase[] {
  return [
    {
      name: 'a job moves to another team with all it has, and answers only there',
      covers: ['dataJobTeamUpdate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob(full, { description: 'x' });
        const newTeam = b.otherTeam;
        const moved = b.nameJob(job.jobName, newTeam);
        const before = (await b.send('dataJobRead', job)).json as object;
        isEmpty(await b.send('dataJobTeamUpdate', { ...job, newTeam }), 200);
        isEmpty(await b.send('dataJobRead', job), 404);
        assert.deepEqual((await b.send('dataJobRead', moved)).json, { ...before, team: newTeam });
        isEmpty(await b.send('dataJobTeamUpdate', { ...job, newTeam }), 404);
        isEmpty(await b.send('dataJobTeamUpdate', { ...moved, newTeam }), 200);
      },
    },
    {
      name: 'a blank new team and a job that is not there are 404 without a body',
      covers: ['dataJobTeamUpdate'],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('dataJobTeamUpdate', { ...job, newTeam: ' ' }), 404);
        isEmpty(await b.send('dataJobTeamUpdate', { ...b.nameJob(), newTeam: b.otherTeam }), 404);
        isFrameworkError(await b.send('dataJobTeamUpdate', { ...job, newTeam: '' }), 404);
        isStatus(await b.send('dataJobRead', job), 200);
      },
    },
    {
      name: 'secrets stay behind when their job moves, properties do not',
      covers: ['dataJobTeamUpdate', 'dataJobSecretsRead', 'dataJobPropertiesRead'],
      traps: [18, 19],
      needs: ['secretStore'],
      async run(b) {
        const job = await b.createJob();
        const moved = b.nameJob(job.jobName, b.otherTeam);
        await b.client.dataJobSecretsUpdate({ ...job, body: { password: 'x' } });
        await b.client.dataJobPropertiesUpdate({ ...job, body: { last_id: 7 } });
        await b.client.dataJobTeamUpdate({ ...job, newTeam: b.otherTeam });
        assert.deepEqual(await b.client.dataJobSecretsRead(moved), {});
        assert.deepEqual(await b.client.dataJobSecretsRead(job), { password: 'x' });
        assert.deepEqual(await b.client.dataJobPropertiesRead(moved), { last_id: 7 });
      },
    },
    {
      name: 'a deployed job keeps its deployment when it moves',
      covers: ['dataJobTeamUpdate', 'deploymentList'],
      traps: [19],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const moved = b.nameJob(job.jobName, b.otherTeam);
        await b.client.dataJobTeamUpdate({ ...job, newTeam: b.otherTeam });
        assert.equal((await b.deployment(moved))?.job_version, version);
        isEmpty(await b.send('deploymentList', job), 404);
      },
    },
  ];
}

function keytabs(): readonly ConformanceCase[] {
  return [
    {
      name: 'a job made with a keytab has one to download, which can be of no length',
      covers: ['dataJobKeytabDownload'],
      needs: ['credentials'],
      async run(b) {
        const job = await b.createJob({ generate_keytab: true });
        const answer = await b.send('dataJobKeytabDownload', job);
        isStatus(answer, 200);
        assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
        assert.equal(answer.headers.get('content-length'), String(answer.bytes.length));
        const keytab = await b.client.dataJobKeytabDownload(job);
        assert.equal(keytab.length, answer.bytes.length);
      },
    },
    {
      name: 'a job without a keytab, and one that is not there, are 404 without a body',
      covers: ['dataJobKeytabDownload'],
      async run(b) {
        isEmpty(await b.send('dataJobKeytabDownload', await b.createJob()), 404);
        isEmpty(await b.send('dataJobKeytabDownload', b.nameJob()), 404);
      },
    },
    {
      name: 'generate_keytab counts when a job is made: later it is only stored',
      covers: ['dataJobKeytabDownload', 'dataJobUpdate', 'dataJobRead'],
      async run(b) {
        const job = await b.createJob();
        const body = { job_name: job.jobName, config: { generate_keytab: true } };
        isEmpty(await replace(b, job, body), 200);
        assert.equal((await b.client.dataJobRead(job)).config?.generate_keytab, true);
        isEmpty(await b.send('dataJobKeytabDownload', job), 404);
      },
    },
  ];
}
