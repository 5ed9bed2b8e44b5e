/** From a manifest, its defaults filled in, to what the service has to have. Pure. */
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import type { Desired } from './model.ts';

export function desiredState(dataJob: DataJob, clusterId: string, sourceDigest: string): Desired {
  const { metadata, spec } = dataJob;
  const { contacts, ...config } = spec.config;
  return {
    team: spec.team,
    jobName: jobNameOf(dataJob),
    config: {
      description: spec.description,
      schedule: spec.deployment.schedule ?? '',
      contacts,
      enableExecutionNotifications: config.enableExecutionNotifications,
      notificationDelayPeriodMinutes: config.notificationDelayPeriodMinutes,
      generateKeytab: config.generateKeytab,
      dbDefaultType: config.dbDefaultType ?? '',
    },
    marker: {
      clusterId,
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid ?? 'none',
    },
    sourceDigest,
    enabled: spec.deployment.enabled,
    pythonVersion: spec.deployment.pythonVersion,
  };
}
