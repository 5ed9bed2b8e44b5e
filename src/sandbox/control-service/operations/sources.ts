/**
 * Sources: a history of commits over one folder per job. A version is a function of that history,
 * and an upload that changes nothing returns the version that is there.
 */
import { createHash } from 'node:crypto';
import { withoutIgnored } from '../gitignore.ts';
import { reachGit } from '../outside.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store.ts';
import { empty, json, notFound } from '../web/answers.ts';
import type { Operation } from '../web/call.ts';
import { bug, externalSystem, ServiceFailure } from '../web/failures.ts';
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
      const content = contentOf(job.name, bytes, () => settings.random.uuid());
      const files = committable(allowed(job.name, content, settings.uploads));
      reachGit(settings, 'deploy data job', job.name);
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
      if (job !== undefined) reachGit(settings, 'get data job source', job.name);
      const zip = job && store.zips.get(job.name);
      return zip === undefined ? notFound : { kind: 'bytes', bytes: zip };
    },
  };
}

/** Removes the job's folder; nothing happens when there is none. */
export function commitDeletion(world: World, jobName: string, reason?: string): void {
  const { store } = world;
  reachGit(world.settings, 'delete data job', jobName);
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

/** What Git takes: neither a nested repository's own files nor ignored ones. */
function committable(files: Files): Files {
  return withoutIgnored(new Map([...files].filter(([name]) => !name.split('/').includes('.git'))));
}

/** The operator's rules: some extensions are taken out without a word, others refuse the upload. */
function allowed(jobName: string, files: Files, { remove, allow }: Settings['uploads']): Files {
  const extension = (name: string) => /\.([^./]+)$/.exec(name)?.[1] ?? '';
  const kept = new Map([...files].filter(([name]) => !remove?.includes(extension(name))));
  for (const name of kept.keys()) {
    if (allow === undefined || allow.includes(extension(name))) continue;
    throw new ServiceFailure(
      400,
      `The Data Job '${jobName}' upload is invalid .`,
      `Data Job content validation failed because file '${name}' was detected to be of type 'application/octet-stream' and ` +
        `extension '${extension(name)}' and it is not in the allowed list of file types or allowed extensions.`,
      'The Data Job will not be uploaded. ',
      `Make sure to remove the forbidden file. Current list of allowed file types is []Current list of allowed file extensions is [${allow.join(', ')}]`,
    );
  }
  return kept;
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
