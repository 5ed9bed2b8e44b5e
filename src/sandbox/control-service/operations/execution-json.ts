/** An execution as REST shows it. */
import type { ExecutionRow } from '../model.ts';
import type { Settings } from '../settings.ts';
import { instant } from '../world.ts';

export function executionJson(settings: Settings, row: ExecutionRow): unknown {
  const { deployment } = row;
  return {
    id: row.id,
    job_name: row.jobName,
    status: row.status,
    type: row.type,
    start_time: instant(row.startUs),
    end_time: row.endUs === null ? null : instant(row.endUs),
    started_by: row.startedBy,
    logs_url: logsUrl(settings, row),
    message: row.message,
    op_id: row.opId,
    deployment: {
      vdk_version: deployment.vdk_version,
      job_version: deployment.job_version,
      python_version: deployment.python_version,
      mode: 'release',
      id: 'release',
      enabled: true,
      deployed_by: deployment.deployed_by,
      deployed_date: deployment.deployed_date,
      schedule: { schedule_cron: deployment.schedule },
      resources: deployment.resources ?? {
        cpu_request: null,
        cpu_limit: null,
        memory_request: null,
        memory_limit: null,
      },
    },
  };
}

/** Empty without a template; its times are epoch milliseconds. */
export function logsUrl({ logsUrlTemplate }: Settings, row: ExecutionRow): string {
  const values: Readonly<Record<string, string>> = {
    execution_id: row.id,
    job_name: row.jobName,
    op_id: row.opId,
    start_time: String(Math.trunc(row.startUs / 1000)),
    end_time: row.endUs === null ? '' : String(Math.trunc(row.endUs / 1000)),
  };
  return logsUrlTemplate.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}
