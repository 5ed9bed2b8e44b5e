/**
 * The steps between the recorded exchanges that were left out of the recording, as far as later
 * exchanges depend on them. Each stands at the moment at which it is done.
 */
import type { Sent } from './exchanges.ts';

const team = '/data-jobs/for-team/obs%20team/jobs';
const scheduled = '11 23 5 8 1';
/** Any version will do for a deployment whose sources nobody asks for. */
const someVersion = 'c0062833f1671ecbc57ae027d43f3558e1c3b30c';

/** When the steps before the first exchange of an area are done: a minute is enough for each. */
const seconds = (text: string): number => Number(text) * 1000;

const step = (at: string, method: string, path: string, request_body?: unknown): Sent => ({
  at: seconds(at),
  method,
  path,
  ...(request_body === undefined ? {} : { request_body }),
});

const createJob = (
  at: string,
  name: string,
  schedule: string | null = scheduled,
  more = {},
): Sent =>
  step(at, 'POST', team, {
    job_name: name,
    description: '',
    team: 'obs team',
    config: { generate_keytab: false, schedule: { schedule_cron: schedule }, ...more },
  });

const putJob = (at: string, name: string, schedule: string, more = {}): Sent =>
  step(at, 'PUT', `${team}/${name}`, {
    job_name: name,
    description: '',
    config: { generate_keytab: false, schedule: { schedule_cron: schedule }, ...more },
  });

const deploy = (
  at: string,
  name: string,
  body: unknown = { job_version: someVersion, enabled: true },
) => step(at, 'POST', `${team}/${name}/deployments`, body);

const patch = (at: string, name: string, body: unknown): Sent =>
  step(at, 'PATCH', `${team}/${name}/deployments/production`, body);

/** `args` steer the simulated run: see the replay's settings. */
const start = (at: string, name: string, args: unknown): Sent =>
  step(at, 'POST', `${team}/${name}/deployments/production/executions`, {
    started_by: 'manual/obs',
    args,
  });

const upload = (at: string, name: string, zip: readonly string[]): Sent => ({
  ...step(at, 'POST', `${team}/${name}/sources`, { zip }),
  request_content_type: 'application/octet-stream',
});

const fullConfig = {
  db_default_type: 'TRINO',
  generate_keytab: true,
  enable_execution_notifications: false,
  notification_delay_period_minutes: 33,
  schedule: { schedule_cron: scheduled },
  contacts: {
    notified_on_job_failure_user_error: ['a@example.com', 'b@example.com'],
    notified_on_job_failure_platform_error: ['c@example.com'],
    notified_on_job_success: [],
    notified_on_job_deploy: ['x;y@example.com'],
  },
};

export const clusterSteps: readonly Sent[] = [
  step('1795509380.9', 'PUT', `${team}/obs-job-a`, {
    job_name: 'obs-job-a',
    description: 'a full one',
    config: fullConfig,
  }),
  createJob('1795509420', 'dep-job-a'),
  patch('1795509436.055', 'dep-job-a', { vdk_version: 'other-tag' }),
  putJob('1795509446.322', 'dep-job-a', 'every day'),
  deploy('1795509446.36', 'dep-job-a', { enabled: true }),
  putJob('1795509455', 'dep-job-a', scheduled),
  deploy('1795509455.1', 'dep-job-a', { job_version: 'not a label!', enabled: true }),
  createJob('1795509590', 'exe-job-a'),
  createJob('1795509590', 'exe-job-undep'),
  createJob('1795509590', 'exe-job-del', ''),
  createJob('1795509590', 'exe-job-lab'),
  deploy('1795509595', 'exe-job-a', {
    job_version: '5d0f379b4bd5c4dfae5b7a0736dc1de0e6c3063d',
    enabled: true,
  }),
  deploy('1795509595', 'exe-job-del', {
    job_version: 'd7c4210c06078f3929cfd3de952b66d00823023a',
    enabled: true,
  }),
  deploy('1795509595', 'exe-job-lab', { job_version: 'not a label!', enabled: true }),
  step('1795509595', 'PUT', `${team}/exe-job-del/deployments/production/properties`, { k: 'v' }),
  start('1795509617.347', 'exe-job-a', { status: 'User error' }),
  start('1795509619.829', 'exe-job-a', { status: 'Platform error', vdk: '0.3' }),
  start('1795509625.162', 'exe-job-a', { status: null }),
  start('1795509633.185', 'exe-job-a', { text: 'no JSON' }),
  start('1795509636.937', 'exe-job-a', { ending: 'failed' }),
  patch('1795509682.795', 'exe-job-a', { enabled: false }),
  patch('1795509686.521', 'exe-job-a', { enabled: true }),
  start('1795509687.542', 'exe-job-a', { ending: 'lost' }),
  start('1795509696.1', 'exe-job-a', { sleep: 30 }),
  step('1795509697', 'DELETE', `${team}/exe-job-a/executions/exe-job-a-1795509696`),
  createJob('1795509703.218', 'exe-job-del', ''),
  createJob('1795509750', 'prop-job-a'),
  upload('1795509757.8', 'prop-job-a', ['src/10_a.py', 'src/config.ini', 'src/sub/lib.py']),
  ...queriedJobs(),
  createJob('1795509882', 'putr-job-a', '1 1 1 1 *'),
  deploy('1795509883.3', 'putr-job-a'),
  createJob('1795509882', 'delr-job-a'),
  deploy('1795509883.3', 'delr-job-a'),
  createJob('1795509882', 'undr-job-a'),
  deploy('1795509887', 'undr-job-a'),
  createJob('1795509960', 'patr-job-a'),
  deploy('1795509960', 'patr-job-a'),
  deploy('1795509968.5', 'patr-job-a'),
];

function queriedJobs(): readonly Sent[] {
  const gql = '/data-jobs/for-team/gql%20team/jobs';
  const inTeam = (sent: Sent): Sent => ({ ...sent, path: sent.path.replace(team, gql) });
  const create = (name: string, description: string | null, schedule: string | null, more = {}) =>
    step('1795509810', 'POST', gql, {
      job_name: name,
      description,
      config: { generate_keytab: false, schedule: { schedule_cron: schedule }, ...more },
    });
  return [
    create('gql-job-a', 'first', scheduled),
    create('gql-job-b', 'Second one', '*/5 * * * *', {
      contacts: { notified_on_job_deploy: ['a@example.com'] },
    }),
    create('gql-job-c', null, ''),
    create('gql-job-d', 'x', '@hourly'),
    inTeam(
      deploy('1795509811', 'gql-job-a', {
        job_version: '7fc0e51dd5d9b3d8292e8374b7d5caae60915a13',
        enabled: true,
      }),
    ),
    inTeam(
      deploy('1795509811', 'gql-job-b', {
        job_version: '6c83410ce735bb27c0dd479cf58a8021db548c38',
        enabled: false,
      }),
    ),
    inTeam(start('1795509819.988', 'gql-job-a', {})),
    inTeam(start('1795509824.008', 'gql-job-a', { status: 'User error' })),
  ];
}

const deployContacts = { contacts: { notified_on_job_deploy: ['a@example.com'] } };

export const databaseSteps: readonly Sent[] = [
  createJob('1795510050', 'dbm-job-a', scheduled, deployContacts),
  putJob('1795510112', 'dbm-job-a', '9 9 9 9 *', {
    contacts: { notified_on_job_success: ['z@example.com'] },
  }),
  createJob('1795510129', 'dbm-job-off'),
  createJob('1795510144', 'dbm-job-nov'),
  createJob('1795510152', 'dbm-job-cron', 'every day'),
  createJob('1795510170', 'dbm-job-del'),
  deploy('1795510175', 'dbm-job-del'),
  createJob('1795510181', 'dbm-job-del'),
];

export const bothSteps: readonly Sent[] = [createJob('1795515750', 'both-job-a')];

export const secretStoreSteps: readonly Sent[] = [
  step('1795515298.47', 'PUT', `${team}/vault-job-a/deployments/TODO/secrets`, {
    password: 's3cr€t',
    nul: null,
    nested: { k: [1, null] },
    f: 1,
    n: 5,
  }),
  createJob('1795515298', 'hook-job-b'),
  upload('1795515298', 'hook-job-b', ['src/a.py', 'src/config.ini']),
];

const asAlice = (sent: Sent): Sent => ({
  ...sent,
  request_headers: { Authorization: 'Bearer <good>' },
});

export const securitySteps: readonly Sent[] = [
  asAlice(
    deploy('1795515357', 'sec-job-a', {
      job_version: '5371b9f2c7350997b5bd4135720576b90b2bf3cf',
      enabled: true,
    }),
  ),
  asAlice(start('1795515362.439', 'sec-job-a', {})),
];

export const outageSteps: readonly Sent[] = [
  createJob('1795515400', 'lost-job-a', ''),
  createJob('1795515400', 'fjob-job-a', ''),
  createJob('1795515400', 'sched-job-a', '* * * * *'),
  deploy('1795515401', 'lost-job-a'),
  deploy('1795515401', 'fjob-job-a'),
  deploy('1795515402.5', 'sched-job-a', {
    job_version: 'd062b411f143d011ffe6973052a7056ad468907f',
    enabled: true,
  }),
  start('1795515406.596', 'lost-job-a', { ending: 'never-started' }),
  start('1795515407.926', 'fjob-job-a', { ending: 'never-started' }),
];
