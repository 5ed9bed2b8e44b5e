/** Sources: three operations. */
import { z } from 'zod';
import {
  badBody,
  neverSent,
  noSuchJob,
  noSuchJobUndocumented,
  trap,
  undocumented,
} from './errors-of-operations.ts';
import { jobPath, type Operation } from './operation.ts';
import { schemas } from './schemas.ts';

const sourcesPath = `${jobPath}/sources` as const;
const reason = { reason: { schema: z.string(), doc: 'Becomes the commit message' } };

export const sourceOperations = {
  dataJobSourcesDownload: {
    tag: 'Data Jobs Sources',
    method: 'GET',
    path: sourcesPath,
    summary: 'Downloads the newest source of a job as a zip',
    doc:
      'One top folder named as the job. No older version can be had. Works, although the ' +
      "service's own document says that it is not implemented.",
    stability: 'unmarked',
    query: {},
    success: { status: 200, body: 'bytes', doc: 'The zip' },
    errors: [{ ...noSuchJob, when: 'the team has no such job, or it has no source' }],
    safeToRepeat: true,
    documentedOnly: neverSent('a download has nothing that could be refused', 400),
  },
  sourcesUpload: {
    tag: 'Data Jobs Sources',
    method: 'POST',
    path: sourcesPath,
    summary: 'Uploads the source of a job as a zip and returns its version',
    doc:
      'Exactly one top folder, whose content replaces all that was there. The same content again ' +
      'returns the version it has. A damaged zip is answered 503 and an empty one 500, so check ' +
      'before sending. Several uploads at one moment, of any jobs, can be answered 503.',
    stability: 'stable',
    query: reason,
    request: {
      mediaType: 'application/octet-stream',
      schema: 'bytes',
      required: true,
      requiredInDocument: true,
    },
    success: { status: 200, body: schemas.DataJobVersion, doc: 'The version' },
    errors: [
      { ...badBody, when: 'there is no body, or the zip holds what operators forbid' },
      noSuchJobUndocumented,
      trap('the zip is empty, or has a file at its top'),
      undocumented(503, 'fourField', 'the zip is damaged, or a name in it leads out of it'),
    ],
    safeToRepeat: true,
  },
  sourcesDelete: {
    tag: 'Data Jobs Sources',
    method: 'DELETE',
    path: sourcesPath,
    summary: 'Deletes the source of a job',
    doc: 'What is deployed goes on running.',
    stability: 'unmarked',
    query: reason,
    success: { status: 200, body: 'none', doc: 'Deleted, or there was none' },
    errors: [noSuchJobUndocumented],
    safeToRepeat: true,
    documentedOnly: neverSent('there is nothing in the call that could be refused', 400),
  },
} as const satisfies Readonly<Record<string, Operation>>;
