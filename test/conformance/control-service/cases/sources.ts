/** Sources: upload, download, delete; zips that are taken, and others. */
import assert from 'node:assert/strict';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { isEmpty, isFourFields, isStatus } from '../answer.ts';
import { type Bench, isDisturbedUpload, type Job } from '../bench.ts';
import type { ConformanceCase } from '../case.ts';

export const sourceCases: readonly ConformanceCase[] = [
  ...versions(),
  ...contents(),
  ...refused(),
  ...deleted(),
];

/** Every file holds its own name. */
function zipOf(...names: readonly string[]): Uint8Array {
  return zipSync(
    Object.fromEntries(
      names.map((name) => [name, name.endsWith('/') ? new Uint8Array() : strToU8(name)]),
    ),
  );
}

async function download(b: Bench, job: Job): Promise<Readonly<Record<string, Uint8Array>>> {
  return unzipSync(await b.client.dataJobSourcesDownload(job));
}

const filesOf = (entries: object) =>
  Object.keys(entries)
    .filter((name) => !name.endsWith('/'))
    .sort();

function versions(): readonly ConformanceCase[] {
  return [
    {
      name: 'an upload returns the version that it became, the same for the same content',
      covers: ['sourcesUpload'],
      async run(b) {
        const job = await b.createJob();
        const first = await b.upload(job, zipOf('job/a.py'));
        assert.match(first, /^[0-9a-f]{40}$/);
        assert.equal(await b.upload(job, zipOf('job/a.py')), first);
        assert.notEqual(await b.upload(job, zipOf('another-folder/a.py')), first);
      },
    },
    {
      name: 'a version is one of the history: content that comes back is another one',
      covers: ['sourcesUpload', 'sourcesDelete'],
      async run(b) {
        const job = await b.createJob();
        const seen = [
          await b.upload(job, zipOf('job/a.py')),
          await b.upload(job, zipOf('job/b.py')),
          await b.upload(job, zipOf('job/a.py')),
        ];
        isEmpty(await b.send('sourcesDelete', job), 200);
        seen.push(await b.upload(job, zipOf('job/a.py')));
        assert.equal(new Set(seen).size, 4);
      },
    },
    {
      name: 'an upload can have a reason',
      covers: ['sourcesUpload'],
      async run(b) {
        const job = await b.createJob();
        const body = zipOf('job/a.py');
        const version = await b.upload(job, body);
        const query = { reason: 'because: ü & more' };
        const again = await b.send('sourcesUpload', job, { body, query });
        assert.ok(isDisturbedUpload(again) || again.status === 200);
        // Nothing has changed, so there is no commit to have a reason.
        assert.equal(await b.upload(job, body), version);
      },
    },
    {
      name: 'an upload to a job that is not there is 404 without a body',
      covers: ['sourcesUpload'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        const body = zipOf('job/a.py');
        isEmpty(await b.send('sourcesUpload', b.nameJob(), { body }), 404);
        isEmpty(await b.send('sourcesUpload', { ...job, teamName: b.otherTeam }, { body }), 404);
      },
    },
    {
      name: 'uploads at one moment are done or refused with 503, and a second try helps',
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      traps: [29],
      async run(b) {
        const jobs = [await b.createJob(), await b.createJob(), await b.createJob()];
        const body = zipOf('job/a.py');
        const answers = await Promise.all(
          jobs.map((job) => b.send('sourcesUpload', job, { body })),
        );
        for (const [index, answer] of answers.entries()) {
          const job = jobs[index] as Job;
          if (answer.status === 503) {
            isFourFields(answer, 503, { what: /^Git encountered an error/ });
            await b.upload(job, body);
          } else isStatus(answer, 200);
          assert.deepEqual(filesOf(await download(b, job)), [`${job.jobName}/a.py`]);
        }
      },
    },
  ];
}

function contents(): readonly ConformanceCase[] {
  return [
    {
      name: 'a download is a zip with one folder, named like the job, whatever the upload had',
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job, zipOf('other/10_a.py', 'other/sub/lib.py'));
        const entries = await download(b, job);
        assert.deepEqual(Object.keys(entries).sort(), [
          `${job.jobName}/`,
          `${job.jobName}/10_a.py`,
          `${job.jobName}/sub/`,
          `${job.jobName}/sub/lib.py`,
        ]);
        assert.deepEqual(entries[`${job.jobName}/10_a.py`], strToU8('other/10_a.py'));
      },
    },
    {
      name: 'an upload replaces the whole folder, and a download is always of the newest',
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job, zipOf('job/a.py', 'job/b.py'));
        await b.upload(job, zipOf('job/b.py'));
        assert.deepEqual(filesOf(await download(b, job)), [`${job.jobName}/b.py`]);
      },
    },
    {
      name: 'what Git leaves out is left out: empty folders, ignored files, repositories inside',
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        const zip = zipSync({
          'x/.gitignore': strToU8('*.log\n/build/\n!keep.log\n'),
          'x/a.py': strToU8('a\r\n'),
          'x/sub/run.log': strToU8('l'),
          'x/keep.log': strToU8('k'),
          'x/build/out.py': strToU8('o'),
          'x/.git/HEAD': strToU8('h'),
          'x/empty/': new Uint8Array(),
        });
        await b.upload(job, zip);
        const entries = await download(b, job);
        assert.deepEqual(
          filesOf(entries),
          ['.gitignore', 'a.py', 'keep.log'].map((name) => `${job.jobName}/${name}`),
        );
        assert.deepEqual(entries[`${job.jobName}/a.py`], strToU8('a\r\n'));
      },
    },
    {
      name: 'an upload of nothing but an empty folder leaves the job without sources',
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job, zipOf('job/a.py'));
        await b.upload(job, zipOf('job/'));
        isEmpty(await b.send('dataJobSourcesDownload', job), 404);
      },
    },
    {
      name: 'of several folders one is used, and the others are dropped without a word',
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      traps: [17],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job, zipOf('one/a.py', 'two/a.py'));
        assert.deepEqual(filesOf(await download(b, job)), [`${job.jobName}/a.py`]);
      },
    },
    {
      name: 'a job without sources, and one that is not there, has nothing to download: 404 without a body',
      covers: ['dataJobSourcesDownload'],
      traps: [3],
      async run(b) {
        isEmpty(await b.send('dataJobSourcesDownload', await b.createJob()), 404);
        isEmpty(await b.send('dataJobSourcesDownload', b.nameJob()), 404);
      },
    },
  ];
}

function refused(): readonly ConformanceCase[] {
  const uploads = [
    ['no zip at all', strToU8('this is no zip'), 503],
    ['a zip cut off', zipOf('job/a.py').subarray(0, 20), 503],
    ['a name that leaves the folder', zipOf('job/a.py', 'job/../../evil.py'), 503],
    ['nothing in it', zipSync({}), 500],
    ['files at the top', zipOf('10_a.py', 'config.ini'), 500],
  ] as const;
  return uploads.map(
    ([what, body, status]): ConformanceCase => ({
      name: `an upload with ${what} is answered ${status}, and the old sources stay`,
      covers: ['sourcesUpload', 'dataJobSourcesDownload'],
      traps: [17],
      async run(b) {
        const job = await b.createJob();
        await b.upload(job, zipOf('job/old.py'));
        isFourFields(await b.send('sourcesUpload', job, { body }), status, {
          what:
            status === 503
              ? /^Host container encountered an error: /
              : 'A coding error (bug) was found.',
        });
        assert.deepEqual(filesOf(await download(b, job)), [`${job.jobName}/old.py`]);
      },
    }),
  );
}

function deleted(): readonly ConformanceCase[] {
  return [
    {
      name: 'sources are deleted with 200 without a body, also when there are none',
      covers: ['sourcesDelete', 'dataJobSourcesDownload'],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('sourcesDelete', job), 200);
        await b.upload(job, zipOf('job/a.py'));
        isEmpty(await b.send('sourcesDelete', job, { query: { reason: 'done' } }), 200);
        isEmpty(await b.send('dataJobSourcesDownload', job), 404);
        isEmpty(await b.send('sourcesDelete', job), 200);
      },
    },
    {
      name: 'deleting sources of a job that is not there is 404 without a body',
      covers: ['sourcesDelete'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('sourcesDelete', b.nameJob()), 404);
        isEmpty(await b.send('sourcesDelete', { ...job, teamName: b.otherTeam }), 404);
      },
    },
    {
      name: 'a deployment does not need its sources any more',
      covers: ['sourcesDelete', 'deploymentList'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        isEmpty(await b.send('sourcesDelete', job), 200);
        await b.staysSo(async () => {
          assert.equal((await b.deployment(job))?.job_version, version);
        });
      },
    },
  ];
}
