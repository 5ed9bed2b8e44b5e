/**
 * What a DataJob may not say, and the words with which it is refused. Offline validation and every API
 * server that serves the CRD are held to this one table.
 */
type Json = { [key: string]: unknown };

export interface Refusal {
  readonly name: string;
  readonly why: string;
  /** Changes a valid manifest into one that is refused. */
  readonly change: (manifest: Manifest) => void;
  /** What is there before, where the rule is about a change. */
  readonly before?: (manifest: Manifest) => void;
  /** Where offline validation shows it. */
  readonly field: string;
  /** A part of the sentence: what to do. */
  readonly says: string;
  /** Where the API server has words of its own, a part of those; where it refuses nothing, null. */
  readonly serverSays?: string | null;
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: Json;
}

export function aManifest(...changes: readonly ((manifest: Manifest) => void)[]): Manifest {
  const manifest: Manifest = {
    apiVersion: 'versatiledatakit.io/v1alpha1',
    kind: 'DataJob',
    metadata: { name: 'ingest-orders', namespace: 'default' },
    spec: { team: 'sales', source: { inline: { files: { '10_load.py': 'pass\n' } } } },
  };
  for (const change of changes) change(manifest);
  return manifest;
}

export const withSpec =
  (part: Json) =>
  (manifest: Manifest): void => {
    Object.assign(manifest.spec, part);
  };

const withFile = (name: string) => withSpec({ source: { inline: { files: { [name]: '' } } } });
const withContact = (address: string) =>
  withSpec({ config: { contacts: { notifiedOnJobDeploy: ['a@example.com', address] } } });
const withSchedule = (schedule: string) => withSpec({ deployment: { schedule } });
const filesField = 'spec.source.inline.files';
const cronField = 'spec.deployment.schedule';
const cronSays = 'must be five cron fields in UTC, like "0 6 * * *"';

export const refusals: readonly Refusal[] = [
  {
    name: 'a job name from metadata that is too short',
    why: 'the service takes 6 to 50 characters',
    change: ({ metadata }) => {
      metadata.name = 'short';
    },
    field: 'spec.jobName',
    says: 'rename the object, or set spec.jobName',
  },
  {
    name: 'a job name from metadata with a dot',
    why: 'Kubernetes allows it, the service does not',
    change: ({ metadata }) => {
      metadata.name = 'ingest.orders';
    },
    field: 'spec.jobName',
    says: 'rename the object, or set spec.jobName',
  },
  {
    name: 'a job name with an upper-case letter',
    why: 'the service refuses it',
    change: withSpec({ jobName: 'Ingest-orders' }),
    field: 'spec.jobName',
    says: 'like "ingest-orders"',
  },
  {
    name: 'a job name that is changed',
    why: 'the old job would be left behind',
    before: withSpec({ jobName: 'ingest-one' }),
    change: withSpec({ jobName: 'ingest-two' }),
    field: 'spec.jobName',
    says: 'create a new object for the new name and delete this one',
  },
  {
    name: 'a job name that is added later',
    why: 'it changes the name that came from metadata',
    before: () => {},
    change: withSpec({ jobName: 'ingest-two' }),
    field: 'spec.jobName',
    says: 'create a new object for the new name and delete this one',
  },
  {
    name: 'a job name that is removed later',
    why: 'the name would become that of metadata',
    before: withSpec({ jobName: 'ingest-one' }),
    change: () => {},
    field: 'spec.jobName',
    says: 'create a new object for the new name and delete this one',
  },
  {
    name: 'a team that is changed',
    why: 'the job is known by its team and would be lost',
    before: () => {},
    change: withSpec({ team: 'marketing' }),
    field: 'spec.team',
    says: 'delete this object and create it with the new team',
  },
  {
    name: 'a blank team',
    why: 'the service refuses it',
    change: withSpec({ team: ' ' }),
    field: 'spec.team',
    says: 'without blanks at its start or end',
  },
  {
    name: 'no team',
    why: 'there is no default for it',
    change: ({ spec }) => {
      delete spec.team;
    },
    field: 'spec.team',
    says: 'is required',
    serverSays: 'spec.team: Required value',
  },
  {
    name: 'a description that is too long',
    why: 'strings are bounded',
    change: withSpec({ description: 'x'.repeat(2001) }),
    field: 'spec.description',
    says: 'at most 2000 characters',
    serverSays: '2000',
  },
  {
    name: 'an unknown field',
    why: 'a misspelt field would do nothing in silence',
    change: withSpec({ schedule: '0 6 * * *' }),
    field: 'spec.schedule',
    says: 'unknown field: correct its spelling or remove it',
    serverSays: 'unknown field "spec.schedule"',
  },
  {
    name: 'an unknown policy',
    why: 'a choice is one of its words',
    change: withSpec({ deletionPolicy: 'Keep' }),
    field: 'spec.deletionPolicy',
    says: 'must be one of: Delete, Undeploy, Orphan',
    serverSays: 'supported values: "Delete", "Undeploy", "Orphan"',
  },
  {
    name: 'a text where a number belongs',
    why: 'types are checked',
    change: withSpec({ config: { notificationDelayPeriodMinutes: 'soon' } }),
    field: 'spec.config.notificationDelayPeriodMinutes',
    says: 'must be a number',
    serverSays: 'must be of type integer',
  },
  {
    name: 'a delay below zero',
    why: 'numbers are bounded',
    change: withSpec({ config: { notificationDelayPeriodMinutes: -1 } }),
    field: 'spec.config.notificationDelayPeriodMinutes',
    says: 'must be at least 0',
    serverSays: 'should be greater than or equal to 0',
  },
  {
    name: 'two addresses in one',
    why: 'the service joins addresses with ";"',
    change: withContact('b@example.com;c@example.com'),
    field: 'spec.config.contacts.notifiedOnJobDeploy[1]',
    says: 'write each address as its own list item',
  },
  {
    name: 'an address with a blank',
    why: 'it would not arrive',
    change: withContact('b @example.com'),
    field: 'spec.config.contacts.notifiedOnJobDeploy[1]',
    says: 'write each address as its own list item',
  },
  {
    name: 'two sources',
    why: 'it would be a guess which one counts',
    change: withSpec({
      source: { inline: { files: { 'a.py': '' } }, configMapRef: { name: 'orders' } },
    }),
    field: 'spec.source',
    says: 'must have exactly one of "inline" and "configMapRef"',
  },
  {
    name: 'an empty source',
    why: 'there is nothing to deploy',
    change: withSpec({ source: {} }),
    field: 'spec.source',
    says: 'must have exactly one of "inline" and "configMapRef"',
  },
  {
    name: 'no source',
    why: 'there is nothing to deploy',
    change: ({ spec }) => {
      delete spec.source;
    },
    field: 'spec.source',
    says: 'is required',
    serverSays: 'spec.source: Required value',
  },
  {
    name: 'no files',
    why: 'the service answers an empty archive with an error',
    change: withSpec({ source: { inline: { files: {} } } }),
    field: filesField,
    says: 'at least one file',
    serverSays: 'should have at least 1 properties',
  },
  {
    name: 'a file name that leaves the folder',
    why: 'the service answers with an error of its own',
    change: withFile('sql/../../x.py'),
    field: filesField,
    says: 'without the parts "." and ".."',
  },
  {
    name: 'an absolute file name',
    why: 'files are below the folder of the job',
    change: withFile('/10_load.py'),
    field: filesField,
    says: "must be relative to the job's folder",
  },
  {
    name: 'a file name with a backslash',
    why: 'it is a folder on one system and a letter on another',
    change: withFile('sql\\10_load.sql'),
    field: filesField,
    says: "must be relative to the job's folder",
  },
  {
    name: 'a file name that is too long',
    why: 'file systems take 255 bytes',
    change: withFile('x'.repeat(251)),
    field: filesField,
    says: 'must have 1 to 250 characters',
  },
  {
    name: 'a ConfigMap in another namespace',
    why: 'references never cross namespaces',
    change: withSpec({ source: { configMapRef: { name: 'other/orders' } } }),
    field: 'spec.source.configMapRef.name',
    says: 'must be the name of a ConfigMap in the same namespace',
  },
  {
    name: 'a schedule in words',
    why: 'it would fail silently at the service',
    change: withSchedule('every day'),
    field: cronField,
    says: cronSays,
  },
  {
    name: 'a schedule with seconds',
    why: 'Kubernetes takes five fields',
    change: withSchedule('0 0 6 * * *'),
    field: cronField,
    says: cronSays,
  },
  {
    name: 'a schedule as a macro',
    why: 'the service knows no next run of it',
    change: withSchedule('@daily'),
    field: cronField,
    says: cronSays,
  },
  {
    name: 'a schedule at an hour that no day has',
    why: 'Kubernetes refuses it after the service took it',
    change: withSchedule('0 24 * * *'),
    field: cronField,
    says: 'hour 0-23',
  },
  {
    name: 'an empty schedule',
    why: 'leaving it out is the one way to say never',
    change: withSchedule(''),
    field: cronField,
    says: 'leave the schedule out',
  },
  {
    name: 'a schedule with a range that runs backwards',
    why: 'the shape is right and the meaning wrong: the operator says so, in a condition',
    change: withSchedule('0 6 * * FRI-MON'),
    field: cronField,
    says: 'ranges from low to high',
    serverSays: null,
  },
  {
    name: 'a python version that is no version',
    why: 'it would end as an error of the service',
    change: withSpec({ deployment: { pythonVersion: 'python3' } }),
    field: 'spec.deployment.pythonVersion',
    says: 'like "3.11"',
  },
  {
    name: 'a python version that YAML reads as a number',
    why: '3.10 without quotes is 3.1',
    change: withSpec({ deployment: { pythonVersion: 3.1 } }),
    field: 'spec.deployment.pythonVersion',
    says: 'must be a string',
    serverSays: 'must be of type string',
  },
  {
    name: 'an interval without a unit',
    why: 'nobody knows seconds from minutes',
    change: withSpec({ interval: '10' }),
    field: 'spec.interval',
    says: 'must be a duration like "30s"',
  },
  {
    name: 'an interval below zero',
    why: 'there is no such wait',
    change: withSpec({ interval: '-5m' }),
    field: 'spec.interval',
    says: 'must be a duration like "30s"',
  },
];
