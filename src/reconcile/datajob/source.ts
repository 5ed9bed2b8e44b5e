/**
 * Where a job's files come from. A ConfigMap is read only when its version is not the one that the
 * status already speaks of: a restart costs no read per job.
 */
import type { DataJob } from '../../api/data-job.ts';
import { OperatorError } from '../../platform/errors.ts';
import { digestOf } from '../../source/digest.ts';
import { type ConfigMapContent, filesOfConfigMap, filesOfInline } from '../../source/files.ts';
import type { Source, SourceContent } from './pass.ts';

export interface ConfigMaps {
  /** What identifies the current content, as the watch last told; undefined = no such ConfigMap. */
  revisionOf(namespace: string, name: string): string | undefined;
  read(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly revision: string; readonly content: ConfigMapContent } | undefined>;
}

/** Throws `InvalidSource` (terminal) or `DependencyNotReady` (transient). */
export async function sourceOf(
  dataJob: DataJob,
  configMaps: ConfigMaps,
  signal: AbortSignal,
): Promise<Source> {
  const { inline, configMapRef } = dataJob.spec.source;
  if (inline !== undefined) {
    const files = filesOfInline(inline.files);
    return known({ digest: digestOf(files), files });
  }
  const { namespace } = dataJob.metadata;
  const name = configMapRef?.name ?? '';
  const read = async (): Promise<SourceContent> => {
    const found = await configMaps.read(namespace, name, signal);
    if (found === undefined) throw missing(namespace, name);
    const files = filesOfConfigMap(name, found.content);
    return { digest: digestOf(files), revision: found.revision, files };
  };
  const { digest, attemptedRevision } = dataJob.status?.source ?? {};
  const revision = configMaps.revisionOf(namespace, name);
  const isRecorded = revision !== undefined && attemptedRevision === revision;
  return isRecorded && digest !== undefined ? { digest, revision, read } : known(await read());
}

function known(content: SourceContent): Source {
  const { digest, revision } = content;
  return { digest, revision, read: async () => content };
}

function missing(namespace: string, name: string): OperatorError {
  return new OperatorError(
    'transient',
    'DependencyNotReady',
    `ConfigMap ${namespace}/${name} with the job's files does not exist. Create it; ` +
      'the job goes on by itself then.',
  );
}
