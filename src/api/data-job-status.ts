/** What the operator reports of a DataJob: what was observed, never an echo of the spec. */
import { z } from 'zod';
import { field } from './field.ts';

/** More differences than this are cut: a person reads the first few. */
export const pendingChangesMax = 50;

const text = (max: number) => z.string().max(max).optional();
const time = (what: string) =>
  field(z.iso.datetime().optional(), `${what} RFC 3339. Example: 2026-01-31T06:00:00Z`);

const condition = z.strictObject({
  type: field(z.string().min(1).max(316), 'What is told. Example: Ready'),
  status: field(z.enum(['True', 'False', 'Unknown']), 'Whether it holds. Example: "True"'),
  reason: field(z.string().min(1).max(1024), 'Why, as one stable word. Example: UpToDate'),
  message: field(z.string().max(32_768), 'What happened, why, and what to do.'),
  lastTransitionTime: field(
    z.iso.datetime(),
    'When the status last flipped. RFC 3339. Example: 2026-01-31T06:00:00Z',
  ),
  observedGeneration: field(z.int().min(0), 'The generation of the spec that is spoken of.'),
});

const job = z.strictObject({
  name: field(text(50), "The job's name at the service. Example: ingest-orders"),
  team: field(text(250), 'Its team there. Example: sales'),
  url: field(text(2048), 'Its address at the service.'),
  ownership: field(
    z.enum(['Created', 'Adopted']).optional(),
    'Whether this object created the job or took over one that was there.',
  ),
  effectiveDeletionPolicy: field(
    z.enum(['Delete', 'Undeploy', 'Orphan']).optional(),
    'What deleting this object will do at the service: spec.deletionPolicy, or what follows from the ownership.',
  ),
});

const source = z.strictObject({
  digest: field(text(100), 'Digest over names and contents of the files last uploaded.'),
  jobVersion: field(text(100), 'The version that the service gave to these files.'),
  attemptedRevision: field(text(250), 'Revision of the source that was last tried.'),
  appliedRevision: field(
    text(250),
    'Revision of the source that was last applied; for inline and ConfigMap sources the short digest. Example: sha256:0f1e2d3c4b5a',
  ),
});

const deployment = z.strictObject({
  jobVersion: field(text(100), 'The version that the service shows as deployed.'),
  shortVersion: field(text(12), 'Its first characters, for people. Example: 0f1e2d3'),
  enabled: field(z.boolean().optional(), 'Whether its schedule is on.'),
  schedule: field(text(100), 'Its schedule: cron in UTC, empty = never.'),
  pythonVersion: field(text(20), 'The python that runs it. Example: "3.11"'),
  vdkVersion: field(text(100), 'The VDK that runs it, where the service tells it.'),
  lastDeployedDate: field(
    text(40),
    'When the service last changed the deployment, in its own words.',
  ),
  lastDeployedBy: field(text(250), 'Who asked for that.'),
  requestedAt: time('When the operator asked for a deployment that is not seen yet.'),
  attempts: field(z.int32().min(0).optional(), 'How often it asked for that.'),
  configDigest: field(
    text(100),
    'Fingerprint of the job settings that the last request took along: the service does not show them.',
  ),
});

const change = z.strictObject({
  action: field(z.string().max(50), 'The action that would be taken. Example: patchDeployment'),
  path: field(text(250), 'The field of the spec that asks for it. Example: deployment.schedule'),
  from: field(text(1024), 'What the service has now, shortened; absent = nothing.'),
  to: field(text(1024), 'What it would have, shortened; absent = nothing.'),
});

const lastExecution = z.strictObject({
  status: field(
    text(50),
    'How it ended or stands. Filled once runs are followed. Example: Succeeded',
  ),
});

const statusFields = z.strictObject({
  observedGeneration: field(
    z.int().default(-1),
    'The generation of the spec that was last dealt with; -1 = none yet. Default: -1. Example: 3',
  ),
  conditions: field(
    z.array(field(condition, 'One thing that is told, and since when.')).max(16).optional(),
    'Where the job stands: Ready sums up; Reconciling, Stalled and Suspended are there only while true.',
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
  ),
  controlService: field(
    text(317),
    'The connection in use. Filled once connections are kinds of their own. Example: ControlService/default',
  ),
  job: field(job.optional(), 'The job at the service.'),
  source: field(source.optional(), 'The source as last uploaded.'),
  deployment: field(deployment.optional(), 'The deployment as last observed.'),
  pendingChanges: field(
    z.array(field(change, 'One field that would change.')).max(pendingChangesMax).optional(),
    'What Manage would do, in Observe mode: at most 50 changes.',
    { 'x-kubernetes-list-type': 'atomic' },
  ),
  lastExecution: field(lastExecution.optional(), 'The last run of the job.'),
  nextRunAt: time('When the schedule fires next. Filled once runs are followed.'),
  lastHandledReconcileAt: field(
    text(250),
    'The token of the last request to verify now that was dealt with.',
  ),
});

export const dataJobStatusSchema = field(
  statusFields.prefault({ observedGeneration: -1 }),
  'The job as it was last observed; written by the operator only.',
);
