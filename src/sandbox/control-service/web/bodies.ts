/** The request bodies of the Data Jobs API, as the service's framework types them. */
import type { Shape } from './bind.ts';

const text: Shape = { kind: 'text' };
const flag: Shape = { kind: 'flag' };
const texts: Shape = { kind: 'texts' };

const schedule: Shape = {
  kind: 'record',
  name: 'DataJobSchedule',
  fields: { schedule_cron: text },
};

const contacts: Shape = {
  kind: 'record',
  name: 'DataJobContacts',
  fields: {
    notified_on_job_failure_user_error: texts,
    notified_on_job_failure_platform_error: texts,
    notified_on_job_success: texts,
    notified_on_job_deploy: texts,
  },
};

const config: Shape = {
  kind: 'record',
  name: 'DataJobConfig',
  fields: {
    db_default_type: text,
    contacts,
    schedule,
    generate_keytab: flag,
    enable_execution_notifications: flag,
    notification_delay_period_minutes: { kind: 'int' },
  },
};

export const dataJobShape: Shape = {
  kind: 'record',
  name: 'DataJob',
  fields: { job_name: text, description: text, config, team: text },
};

export const deploymentShape: Shape = {
  kind: 'record',
  name: 'DataJobDeployment',
  fields: {
    vdk_version: text,
    job_version: text,
    python_version: text,
    mode: { kind: 'mode' },
    id: text,
    enabled: flag,
    schedule,
    resources: {
      kind: 'record',
      name: 'DataJobResources',
      fields: {
        cpu_request: { kind: 'float' },
        cpu_limit: { kind: 'float' },
        memory_request: { kind: 'int' },
        memory_limit: { kind: 'int' },
      },
    },
    deployed_by: text,
    deployed_date: text,
  },
};

export const executionRequestShape: Shape = {
  kind: 'record',
  name: 'DataJobExecutionRequest',
  fields: { started_by: text, args: { kind: 'map' } },
};

export const oauthCredentialsShape: Shape = {
  kind: 'record',
  name: 'OauthCredentials',
  fields: { clientId: text, clientSecret: text },
};

/** A body as bound: a field that was not sent is missing, one sent as null is null. */
export interface DataJobBody {
  readonly job_name?: string | null;
  readonly description?: string | null;
  readonly team?: string | null;
  readonly config?: {
    readonly db_default_type?: string | null;
    readonly contacts?: Readonly<Record<string, readonly (string | null)[] | null>> | null;
    readonly schedule?: { readonly schedule_cron?: string | null } | null;
    readonly generate_keytab?: boolean | null;
    readonly enable_execution_notifications?: boolean | null;
    readonly notification_delay_period_minutes?: number | null;
  } | null;
}

export interface DeploymentBody {
  readonly vdk_version?: string | null;
  readonly job_version?: string | null;
  readonly python_version?: string | null;
  readonly enabled?: boolean | null;
  readonly schedule?: { readonly schedule_cron?: string | null } | null;
  readonly resources?: {
    readonly cpu_request?: number | null;
    readonly cpu_limit?: number | null;
    readonly memory_request?: number | null;
    readonly memory_limit?: number | null;
  } | null;
}

export interface ExecutionRequestBody {
  readonly started_by?: string | null;
  readonly args?: Readonly<Record<string, unknown>> | null;
}
