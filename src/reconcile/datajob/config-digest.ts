/**
 * A fingerprint of everything about the job that a deployment call bakes into its runs: team,
 * settings, schedule. The service does not show what is baked in, so the status keeps this.
 */
import { createHash } from 'node:crypto';
import type { Desired } from './model.ts';

/** Enough to notice any change; it guards no secret. */
const hexLength = 16;

export function configDigest({ team, config }: Desired): string {
  const { contacts } = config;
  const parts = [
    team,
    config.schedule,
    contacts.notifiedOnJobDeploy,
    contacts.notifiedOnJobSuccess,
    contacts.notifiedOnJobFailureUserError,
    contacts.notifiedOnJobFailurePlatformError,
    config.enableExecutionNotifications,
    config.notificationDelayPeriodMinutes,
    config.dbDefaultType,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hexLength);
}
