/**
 * Sources: a history of commits over one folder per job. A version is a function of that history,
 * and an upload that changes nothing returns the version that is there.
 */
import { createHash } from 'node:crypto';
import type { Store } from '../store.ts';
import { empty, json, notFound } from '../web/answers.ts';
import type { Operation } from '../web/call.ts';
import { bug, externalSystem } from '../web/failures.ts';
import { findJob, type World } from '../world.ts';
import { digestOf, type Files, pack, unpack } from '../zip.ts';

type SourceOperationId = 'sourcesUpload' | 'sourcesDelete' | 'dataJobSourcesDownload';

/** Where the newest commit of the whole history is kept. */
const headKey = 'git:head';

export function sourceOperations(world: World): Record<SourceOperationId, Operation> {
  const { store, settings } = world;
  return {
    sourcesUpload: ({ params, bytes, query }) => {
      const job = findJob(store, params.team_name, params.job_name);
      if (job === undefined) return notFound;
      const files = committable(contentOf(job.name, bytes, () => settings.random.uuid()));
      const reason = query.get('reason') ?? `Updating data job: ${job.name}`;
      return json({ version_sha: commit(store, job.name, files, reason) });
    },
    sourcesDelete: ({ params, query }) => {
      const job = findJob(store, params.team_name, params.job_name);
      if (job === undefined) return notFound;
      commitDeletion(world, job.name, query.get('reason') ?? undefined);
      return empty(200);
    },
    dataJobSourcesDownload: ({ params }) => {
      const job = findJob(store, params.team_name, params.job_name);
      const zip = job && store.zips.get(job.name);
      return zip === undefined ? notFound : { kind: 'bytes', bytes: zip };
    },
  };
}

/** Removes the job's folder; nothing happens when there is none. */
export function commitDeletion({ store }: World, jobName: string, reason?: string): void {
  if ((store.sources.get(jobName)?.digest ?? '') === '') return;
  commit(store, jobName, new Map(), reason ?? `Updating data job: ${jobName}`);
}

function contentOf(jobName: string, zip: Uint8Array, uuid: () => string): Files {
  const unpacked = unpack(zip);
  switch (unpacked.kind) {
    case 'files':
      return unpacked.files;
    case 'corrupt':
      throw externalSystem(
        'Host container',
        `Operations on the file system failed while trying to handle deployment of job: ${jobName}`,
      );
    case 'empty':
      throw bug('Index 0 out of bounds for length 0');
    case 'flat': {
      const folder = `/tmp/job_${uuid()}/job/job_dir`;
      throw bug(`Parameter 'srcDir' is not a directory: '${folder}/${unpacked.top}'`);
    }
    default:
      return unpacked satisfies never;
  }
}

/** What Git takes: a nested repository's own files are left out. */
function committable(files: Files): Files {
  return new Map([...files].filter(([name]) => !name.split('/').includes('.git')));
}

function commit(store: Store, jobName: string, files: Files, reason: string): string {
  return store.transaction(() => {
    const digest = digestOf(files);
    const old = store.sources.get(jobName);
    const head = store.values.get(headKey) ?? '';
    if ((old?.digest ?? '') === digest) return old?.sha ?? head;
    const sha = createHash('sha1').update([head, jobName, digest, reason].join('\n')).digest('hex');
    store.values.put(headKey, sha);
    store.sources.put(jobName, { jobName, sha, digest });
    if (files.size === 0) store.zips.delete(jobName);
    else store.zips.put(jobName, pack(jobName, files));
    return sha;
  });
}
