/** A data job between its request body, its row and its answer. */
import type { Contacts, JobRow } from '../model.ts';
import type { DataJobBody } from '../web/bodies.ts';
import { bug, nullReference } from '../web/failures.ts';

/** The service's default for a missing delay. */
const notificationDelayMinutes = 240;

const contactLists = [
  'notified_on_job_failure_user_error',
  'notified_on_job_failure_platform_error',
  'notified_on_job_success',
  'notified_on_job_deploy',
] as const;

/**
 * The row that a body stands for: a full replacement, with every run-time column reset. Defaults
 * apply to fields missing from a `config` that is there; a missing `config` leaves nulls.
 */
export function jobRow(name: string, team: string, body: DataJobBody): JobRow {
  const { config } = body;
  if (config?.generate_keytab === null) {
    throw nullReference(
      'java.lang.Boolean.booleanValue()',
      'the return value of "com.vmware.taurus.controlplane.model.data.DataJobConfig.getGenerateKeytab()"',
    );
  }
  const given = config != null;
  const row: JobRow = {
    name,
    team,
    description: body.description ?? null,
    dbDefaultType: config?.db_default_type ?? null,
    schedule: config?.schedule?.schedule_cron ?? null,
    contacts: Object.fromEntries(
      contactLists.map((list) => [list, stored(config?.contacts?.[list])]),
    ) as unknown as Contacts,
    generateKeytab: config?.generate_keytab ?? given,
    enableNotifications: orDefault(config, 'enable_execution_notifications', true),
    notificationDelayMinutes: orDefault(
      config,
      'notification_delay_period_minutes',
      notificationDelayMinutes,
    ),
    hasKeytab: false,
    enabled: null,
    deploymentStatus: 'NONE',
    lastExecution: null,
  };
  if (JSON.stringify(row).includes('\\u0000')) {
    throw bug(
      'could not execute statement; nested exception is org.hibernate.exception.DataException: could not execute statement',
    );
  }
  return row;
}

/** Null when it was sent as null or there is no `config`, the default when it is just missing. */
function orDefault<
  K extends 'enable_execution_notifications' | 'notification_delay_period_minutes',
>(
  config: DataJobBody['config'],
  field: K,
  value: NonNullable<NonNullable<DataJobBody['config']>[K]>,
): NonNullable<NonNullable<DataJobBody['config']>[K]> | null {
  if (config == null || config[field] === null) return null;
  return config[field] ?? value;
}

/** The column holds all addresses in one text, and they read back as that text is split. */
function stored(list: readonly (string | null)[] | null | undefined): readonly string[] {
  return (list ?? [])
    .map(String)
    .join(';')
    .split(';')
    .filter((address) => address !== '');
}

export function jobJson(job: JobRow): unknown {
  return {
    job_name: job.name,
    description: job.description,
    config: {
      db_default_type: job.dbDefaultType,
      contacts: job.contacts,
      schedule: { schedule_cron: job.schedule },
      generate_keytab: job.generateKeytab,
      enable_execution_notifications: job.enableNotifications,
      notification_delay_period_minutes: job.notificationDelayMinutes,
    },
    team: job.team,
  };
}
