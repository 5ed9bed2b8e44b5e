/** Data jobs: create, read, replace, delete, move to another team, keytab. */
import type { JobRow } from '../model.ts';
import { reachCluster, reachGit } from '../outside.ts';
import { type Answer, empty, json, notFound } from '../web/answers.ts';
import type { DataJobBody } from '../web/bodies.ts';
import { type Call, jobUrl, type Operation } from '../web/call.ts';
import { constraint } from '../web/failures.ts';
import { findJob, type World } from '../world.ts';
import { jobJson, jobRow } from './job-row.ts';
import { provideCredentials } from './secrets.ts';
import { commitDeletion } from './sources.ts';

const nameRule =
  'starting with lowercase letter, only lowercase alphanumeric characters or dash and between 6 and 50 characters';

type JobOperationId =
  | 'dataJobCreate'
  | 'dataJobRead'
  | 'dataJobUpdate'
  | 'dataJobDelete'
  | 'dataJobTeamUpdate'
  | 'dataJobKeytabDownload';

export function jobOperations(world: World): Record<JobOperationId, Operation> {
  const { store } = world;
  const withJob =
    (work: (job: JobRow, call: Call) => Answer | Promise<Answer>): Operation =>
    (call) => {
      const job = findJob(store, call.params.team_name, call.params.job_name);
      return job === undefined ? notFound : work(job, call);
    };
  return {
    dataJobCreate: (call) => create(world, call),
    dataJobRead: withJob((job) => json(jobJson(job))),
    dataJobUpdate: withJob((job, call) => replace(world, job, call.body as DataJobBody)),
    dataJobDelete: withJob((job, call) => remove(world, job, call)),
    dataJobTeamUpdate: withJob((job, call) => {
      if (call.params.new_team.trim() === '') return notFound;
      store.jobs.put(job.name, { ...job, team: call.params.new_team });
      return empty(200);
    }),
    dataJobKeytabDownload: withJob((job) => {
      reachCluster(world.settings, 'Cannot read job credentials');
      // Without a Kerberos realm behind it a keytab is a file of no length.
      return job.hasKeytab ? { kind: 'bytes', bytes: new Uint8Array() } : notFound;
    }),
  };
}

async function create(world: World, call: Call): Promise<Answer> {
  const { store } = world;
  const body = call.body as DataJobBody;
  const name = checkedName(call, body);
  const team = call.params.team_name;
  const row = jobRow(name, team, body);
  if (store.jobs.get(name) !== undefined) return empty(409);
  // The name is looked up before this step and written after it: creates of one name at the same
  // moment all succeed, and the last one stands.
  await world.hooks.postCreate(call, name);
  store.transaction(() => {
    if (row.generateKeytab) {
      reachCluster(world.settings, 'Cannot update job credentials');
      provideCredentials(world, team);
    }
    store.jobs.put(name, { ...row, hasKeytab: row.generateKeytab });
  });
  return empty(201, jobUrl(call.baseUrl, team, name));
}

function checkedName(call: Call, body: DataJobBody): string {
  const { job_name: name, team } = body;
  const pathTeam = call.params.team_name;
  if (name == null) throw constraint('dataJob.jobName', 'missing or malformed data job name', name);
  if (!/^[a-z][a-z0-9-]{5,49}$/.test(name)) throw constraint('dataJob.jobName', nameRule, name);
  const queryName = call.query.get('name');
  if (queryName !== null && queryName.trim() !== '' && queryName !== name) {
    const rule = 'the same as the name in the request URL query parameter';
    throw constraint('dataJob.jobName', rule, name);
  }
  if (pathTeam.trim() === '') throw constraint('team', 'in path should not be blank', null);
  if (team != null && team !== pathTeam) {
    const rule = 'the same as the team name in the request URL query parameter';
    throw constraint('dataJob.team', rule, team);
  }
  return name;
}

function replace({ store, database }: World, job: JobRow, body: DataJobBody): Answer {
  if (body.job_name !== job.name) {
    const rule = 'the same as the name in the PUT request URL';
    throw constraint('dataJob.jobName', rule, body.job_name);
  }
  if (body.team != null && body.team !== job.team) {
    throw constraint(
      'dataJob.team',
      ` '${job.team}' as the team of an existing job cannot be changed through this API`,
      body.team,
      "set the team to the correct value, or if you want to change the job's team, use the UpdateJobTeam API.",
    );
  }
  const row = jobRow(job.name, job.team, body);
  store.transaction(() => {
    store.jobs.put(job.name, { ...row, hasKeytab: job.hasKeytab });
    database.jobReplaced(job.name);
  });
  return empty(200);
}

/**
 * In the service's order: webhook, cluster, row, sources. The sources go even when the webhook
 * refuses, whose answer is looked at last; and the row is gone when they cannot be reached.
 */
async function remove(world: World, job: JobRow, call: Call): Promise<Answer> {
  const { store, cluster, database, settings } = world;
  const refusal = await world.hooks.postDelete(call, job.name);
  reachCluster(settings, 'Cannot delete job credentials');
  // One transaction: a process that dies here leaves all of the job, or nothing.
  store.transaction(() => {
    if (refusal === undefined) {
      if (settings.persistence !== 'DB') cluster.remove(job.name);
      database.jobDeleted(job.name);
      store.jobs.delete(job.name);
      store.gauges.delete(job.name);
      store.executions.deleteOf(job.name);
    }
    if (!settings.isDown('Git')) commitDeletion(world, job.name);
  });
  reachGit(settings, 'delete data job', job.name);
  if (refusal !== undefined) throw refusal;
  return empty(200);
}
