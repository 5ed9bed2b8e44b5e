/** The pages beside the Data Jobs API: health, time, metrics, documents. None needs a token. */

import type { ExecutionStatus } from './model.ts';
import { json } from './web/answers.ts';
import type { HelperPage } from './web/handler.ts';
import type { Base } from './world.ts';
import { instant } from './world.ts';

export function helperPages(base: Base): Readonly<Record<string, HelperPage>> {
  const { settings } = base;
  const debug = '/data-jobs/debug';
  return {
    [`${debug}/health`]: () => json({ status: 'UP' }),
    [`${debug}/health/liveness`]: () => json({ status: 'UP' }),
    [`${debug}/health/readiness`]: () => json({ status: 'UP' }),
    [`${debug}/servertime`]: () => json(instant(Math.trunc(settings.clock.now()) * 1000)),
    [`${debug}/servertime-millis`]: () => json(Math.trunc(settings.clock.now())),
    [`${debug}/prometheus`]: () => ({
      kind: 'text',
      type: 'text/plain; version=0.0.4;charset=utf-8',
      text: metricsText(base),
    }),
  };
}

/** The label that every metric of the service has. */
const serviceLabel = 'service="pipelines-control-service"';

/** What the metric of the last execution says for each state. */
const terminationValues: Readonly<Record<ExecutionStatus, number>> = {
  succeeded: 0,
  platform_error: 1,
  submitted: 2,
  user_error: 3,
  skipped: 4,
  running: 5,
  cancelled: 6,
};

function metricsText({ store }: Base): string {
  const jobs = store.jobs.all();
  const deployment = jobs.flatMap(({ name }) => {
    const value = store.gauges.get(name);
    return value === undefined ? [] : [[`dataJob="${name}"`, value] as const];
  });
  const delays = jobs.flatMap(({ name, notificationDelayMinutes }) =>
    notificationDelayMinutes === null
      ? []
      : [[`data_job="${name}"`, notificationDelayMinutes] as const],
  );
  const infos = jobs.map(({ name, team, contacts }) => {
    const labels = {
      data_job: name,
      team,
      email_notified_on_success: contacts.notified_on_job_success.join(' '),
      email_notified_on_user_error: contacts.notified_on_job_failure_user_error.join(' '),
      email_notified_on_platform_error: contacts.notified_on_job_failure_platform_error.join(' '),
    };
    const text = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
    return [text.join(','), 1] as const;
  });
  const terminations = jobs.flatMap(({ name }) => {
    const last = store.executions.of(name).sort((a, b) => b.startUs - a.startUs)[0];
    if (last === undefined) return [];
    const labels = `data_job="${name}",execution_id="${last.id}"`;
    return [[labels, terminationValues[last.status]] as const];
  });
  return [
    gauge('taurus_deployment_status_gauge', 'How the last deployment ended', deployment),
    gauge('taurus_datajob_termination_status', 'How the last execution ended', terminations),
    gauge('taurus_datajob_notification_delay', 'Allowed delay in minutes', delays),
    gauge('taurus_datajob_info', 'Team and contacts of a data job', infos),
  ].join('');
}

function gauge(
  name: string,
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string {
  if (samples.length === 0) return '';
  const lines = samples.map(
    ([labels, value]) => `${name}{${labels},${serviceLabel},} ${value.toFixed(1)}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
