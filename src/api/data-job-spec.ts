/**
 * What a person may write in a DataJob: the one source of its types, of the CRD, of offline validation
 * and of `kubectl explain`. Only fields that do something are here.
 */
import { z } from 'zod';
import { cronShape, cronShapeAdvice } from './cron.ts';
import { field } from './field.ts';

/** The service's own rule for job names. */
export const jobNamePattern = '^[a-z][a-z0-9-]{5,49}$';

/** A job's files live in one object of the API server, whose store takes 1.5 MiB at most. */
const inlineFilesMax = 64;
const inlineFileCharactersMax = 262_144;

const addresses = (when: string) =>
  field(
    z
      .array(
        field(z.string().min(1).max(254), 'An address. Example: sales-data@example.com', {
          rules: [
            {
              rule: "self.matches('^[^;\\\\s]+$')",
              message:
                'must be one address without ";" and blanks: write each address as its own list item',
            },
          ],
        }),
      )
      .max(50)
      .default([]),
    `Addresses told ${when}. Default: none. Example: [sales-data@example.com]`,
    { 'x-kubernetes-list-type': 'atomic' },
  );

const contacts = z.strictObject({
  notifiedOnJobDeploy: addresses('when the job was deployed'),
  notifiedOnJobSuccess: addresses('when a run succeeded'),
  notifiedOnJobFailureUserError: addresses('when a run failed because of its own code or data'),
  notifiedOnJobFailurePlatformError: addresses('when a run failed because of the platform'),
});

const config = z.strictObject({
  contacts: field(
    contacts.prefault({}),
    'Who is told about what. Default: nobody. Example: {notifiedOnJobSuccess: [sales-data@example.com]}',
  ),
  enableExecutionNotifications: field(
    z.boolean().default(true),
    'Whether the contacts are told about runs at all. Default: true. Example: false',
  ),
  notificationDelayPeriodMinutes: field(
    z.int32().min(0).max(525_600).default(240),
    'Minutes for which a failure like the last one is not told again. Default: 240. Example: 60',
  ),
  generateKeytab: field(
    z.boolean().default(false),
    'Whether the service makes a keytab for the job. It acts only when the job is created. Default: false. Example: true',
  ),
  dbDefaultType: field(
    z.string().min(1).max(100).optional(),
    "The database that SQL steps run against when they name none. Default: the installation's. Example: TRINO",
  ),
});

const files = z
  .record(z.string(), field(z.string().max(inlineFileCharactersMax), 'The text of the file.'))
  .refine((value) => Object.keys(value).length > 0, 'must name at least one file')
  .refine(
    (value) => Object.keys(value).length <= inlineFilesMax,
    `must name at most ${inlineFilesMax} files: put more into a ConfigMap`,
  );

const inline = z.strictObject({
  files: field(
    files,
    'The job\'s files, name to text. Steps (.py, .sql) run in the order of their names; requirements.txt names python packages. No default: required. Example: {10_load.py: "def run(job_input): ..."}',
    {
      minProperties: 1,
      maxProperties: inlineFilesMax,
      rules: [
        {
          rule: 'self.all(name, name.size() > 0 && name.size() <= 250)',
          message: 'a file name must have 1 to 250 characters: shorten it or use fewer folders',
        },
        {
          rule: "self.all(name, !name.startsWith('/') && !name.endsWith('/') && !name.contains('//') && !name.contains('\\\\'))",
          message:
            'a file name must be relative to the job\'s folder, with "/" between folders: write "sql/10_load.sql", without "/" at its start or end and without "\\"',
        },
        {
          rule: "self.all(name, name != '..' && !name.startsWith('../') && !name.endsWith('/..') && !name.contains('/../') && name != '.' && !name.startsWith('./') && !name.endsWith('/.') && !name.contains('/./'))",
          message:
            'a file name must stay inside the job\'s folder: write it without the parts "." and ".."',
        },
      ],
    },
  ),
});

const configMapRef = z.strictObject({
  name: field(
    z.string().min(1).max(253),
    'Name of a ConfigMap in the namespace of this object. No default: required. Example: ingest-orders-files',
    {
      rules: [
        {
          rule: "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
          message:
            'must be the name of a ConfigMap in the same namespace: lower-case letters, digits, "-" and "."',
        },
      ],
    },
  ),
});

const source = z.strictObject({
  inline: field(
    inline.optional(),
    'The files stand in this manifest. Default: not used. Example: {files: {10_load.sql: "SELECT 1"}}',
  ),
  configMapRef: field(
    configMapRef.optional(),
    'The files are the keys of a ConfigMap, whose changes are followed. Default: not used. Example: {name: ingest-orders-files}',
  ),
});

const deployment = z.strictObject({
  enabled: field(
    z.boolean().default(true),
    'Whether the schedule is on. A disabled job stays deployed. Default: true. Example: false',
  ),
  schedule: field(
    z.string().max(100).optional(),
    'When the job runs: five cron fields in UTC. Default: never, only on request. Example: "0 6 * * *"',
    { rules: [{ rule: `self.matches('${cronShape}')`, message: cronShapeAdvice }] },
  ),
  pythonVersion: field(
    z.string().max(20).optional(),
    'The python that runs the job, one of those the service has. Default: the service\'s. Example: "3.11"',
    {
      rules: [
        {
          rule: "self.matches('^[0-9]+([.][0-9]+){0,2}$')",
          message: 'must be a python version in quotes, like "3.11"',
        },
      ],
    },
  ),
});

const specFields = z.strictObject({
  team: field(
    z.string().min(1).max(250),
    'The team that owns the job at the service; a part of its identity there, case-sensitive. No default: required. Example: sales',
    {
      rules: [
        {
          rule: "self.matches('^[^\\\\s]([^\\\\n\\\\r]*[^\\\\s])?$')",
          message: 'must name a team on one line, without blanks at its start or end',
        },
        {
          rule: 'self == oldSelf',
          message:
            'cannot be changed: to give the job to another team, delete this object and create it with the new team',
        },
      ],
    },
  ),
  jobName: field(
    z.string().max(50).optional(),
    "The job's name at the service, unique over all its teams. Cannot be changed, added or removed later. Default: metadata.name. Example: ingest-orders",
    {
      rules: [
        {
          rule: `self.matches('${jobNamePattern}')`,
          message:
            'must start with a lower-case letter and have 6 to 50 lower-case letters, digits and "-", like "ingest-orders"',
        },
      ],
    },
  ),
  description: field(
    z.string().max(2000).default(''),
    'What the job does, for people. Default: empty. Example: Loads the orders of yesterday',
  ),
  config: field(
    config.prefault({}),
    "The job's settings at the service. Default: those of its fields. Example: {dbDefaultType: TRINO}",
  ),
  source: field(
    source,
    "Where the job's files come from: exactly one of its fields. No default: required. Example: {configMapRef: {name: ingest-orders-files}}",
    {
      rules: [
        {
          rule: 'has(self.inline) != has(self.configMapRef)',
          message:
            'must have exactly one of "inline" and "configMapRef": remove one of the two, or add the missing one',
        },
      ],
    },
  ),
  deployment: field(
    deployment.prefault({}),
    'How the job is deployed. Default: enabled, without a schedule. Example: {schedule: "0 6 * * *"}',
  ),
  managementPolicy: field(
    z.enum(['Manage', 'Observe']).default('Manage'),
    'Manage makes the service match this object. Observe writes nothing there and lists in status.pendingChanges what Manage would do. Default: Manage. Example: Observe',
  ),
  deletionPolicy: field(
    z.enum(['Delete', 'Undeploy', 'Orphan']).optional(),
    'What becomes of the job at the service when this object is deleted: Delete removes it, Undeploy only stops it from running, Orphan leaves all of it. Default: Delete for a job that this object created, Orphan for an adopted one. Example: Orphan',
  ),
  interval: field(
    z.string().max(30).default('10m'),
    'How often the job is verified even when nothing seems to have changed; 0 = never, and what is shorter than 10s counts as 10s. Default: 10m. Example: 1h30m',
    {
      rules: [
        {
          rule: "self == '0' || self.matches('^([0-9]+([.][0-9]+)?(ms|s|m|h))+$')",
          message: 'must be a duration like "30s", "10m" or "1h30m", or "0" for never',
        },
      ],
    },
  ),
  suspend: field(
    z.boolean().default(false),
    "Takes the operator's hands off the job: nothing is written at the service. The job's own schedule goes on: see deployment.enabled for that. Default: false. Example: true",
  ),
});

export const dataJobSpecSchema = field(
  specFields,
  'The job as it should be at the service. No default: required. Example: {team: sales, source: {configMapRef: {name: ingest-orders-files}}}',
  {
    rules: [
      {
        rule: 'has(self.jobName) == has(oldSelf.jobName) && (!has(self.jobName) || self.jobName == oldSelf.jobName)',
        message:
          'cannot be changed, added or removed once the object exists: create a new object for the new name and delete this one',
        fieldPath: '.jobName',
      },
    ],
  },
);
