/**
 * A fingerprint of everything that a job's PUT writes. A deployment call bakes it into the job's
 * runs, and has to follow each PUT. The service does not show what was baked in, so the status
 * keeps this.
 */
import { createHash } from 'node:crypto';
import type { Desired } from './model.ts';

/** Enough to notice any change; it guards no secret. */
const hexLength = 16;

export function configDigest({ team, config }: Desired): string {
  const { contacts } = config;
  const parts = [
    team,
    config.description,
    config.schedule,
    contacts.notifiedOnJobDeploy,
    contacts.notifiedOnJobSuccess,
    contacts.notifiedOnJobFailureUserError,
    contacts.notifiedOnJobFailurePlatformError,
    config.enableExecutionNotifications,
    config.notificationDelayPeriodMinutes,
    config.generateKeytab,
    config.dbDefaultType,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hexLength);
}
