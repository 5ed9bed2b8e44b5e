/** The DataJob kind as the program sees it, defaults filled in by the API server. */
import type { z } from 'zod';
import type { Condition } from './conditions.ts';
import type { dataJobSpecSchema } from './data-job-spec.ts';
import type { dataJobStatusSchema } from './data-job-status.ts';

/** Where the kind lives in the API. */
export const dataJobType = {
  group: 'versatiledatakit.io',
  version: 'v1alpha1',
  plural: 'datajobs',
  kind: 'DataJob',
  namespaced: true,
} as const;

interface DataJobMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface DataJob {
  readonly apiVersion: 'versatiledatakit.io/v1alpha1';
  readonly kind: 'DataJob';
  readonly metadata: DataJobMetadata;
  readonly spec: DataJobSpec;
  readonly status?: DataJobStatus;
}

export type DataJobSpec = DeepReadonly<z.output<typeof dataJobSpecSchema>>;

/** Conditions have closed types and reasons here; the schema keeps them open for other versions. */
export type DataJobStatus = Omit<
  DeepReadonly<z.output<typeof dataJobStatusSchema>>,
  'conditions'
> & { readonly conditions?: readonly Condition[] };

export type DeletionPolicy = NonNullable<DataJobSpec['deletionPolicy']>;

/** The job's name at the service. */
export function jobNameOf(dataJob: Pick<DataJob, 'metadata' | 'spec'>): string {
  return dataJob.spec.jobName ?? dataJob.metadata.name;
}

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;
