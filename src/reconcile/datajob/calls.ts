/** The operations of the Data Jobs API that bringing a data job about needs. */
import type { ControlServiceClient } from '../../control-service/client.ts';

export type JobReads = Pick<ControlServiceClient, 'dataJobRead' | 'deploymentList'>;

export type JobCalls = JobReads &
  Pick<
    ControlServiceClient,
    | 'dataJobCreate'
    | 'dataJobUpdate'
    | 'dataJobDelete'
    | 'sourcesUpload'
    | 'deploymentUpdate'
    | 'deploymentPatch'
    | 'deploymentDelete'
    | 'jobsQuery'
  >;

/** The service ignores this id everywhere; its own tools send this word. */
export const deploymentId = 'production';
