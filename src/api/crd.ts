/** The CustomResourceDefinition of DataJob, made from the one schema source. */
import { z } from 'zod';
import { dataJobType } from './data-job.ts';
import { dataJobSpecSchema, jobNamePattern } from './data-job-spec.ts';
import { dataJobStatusSchema } from './data-job-status.ts';
import { type CelRule, rulesKey, type SchemaNode } from './field.ts';

const rootRules: readonly CelRule[] = [
  {
    rule: `has(self.spec.jobName) || self.metadata.name.matches('${jobNamePattern}')`,
    message:
      'metadata.name is the job\'s name and must start with a lower-case letter and have 6 to 50 lower-case letters, digits and "-": rename the object, or set spec.jobName to such a name',
    fieldPath: '.spec.jobName',
  },
];

/** The schema of the whole object, with its rules: what the API server and offline validation read. */
export const dataJobSchema: SchemaNode = {
  type: 'object',
  description: 'A Versatile Data Kit data job: its settings, its source and its deployment.',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string', description: 'Always versatiledatakit.io/v1alpha1.' },
    kind: { type: 'string', description: 'Always DataJob.' },
    metadata: { type: 'object' },
    spec: openApiSchema(dataJobSpecSchema),
    status: openApiSchema(dataJobStatusSchema),
  },
  [rulesKey]: rootRules,
};

const ready = '.status.conditions[?(@.type=="Ready")]';
const synced = '.status.conditions[?(@.type=="Synced")]';

/** `kubectl get`; those with priority 1 come with `-o wide`. NAME comes first by itself. */
const columns = [
  { name: 'Ready', type: 'string', jsonPath: `${ready}.status` },
  { name: 'Status', type: 'string', jsonPath: `${ready}.reason` },
  { name: 'Team', type: 'string', jsonPath: '.spec.team' },
  { name: 'Enabled', type: 'boolean', jsonPath: '.spec.deployment.enabled' },
  { name: 'Schedule', type: 'string', jsonPath: '.spec.deployment.schedule' },
  { name: 'Version', type: 'string', jsonPath: '.status.deployment.shortVersion' },
  { name: 'Last Run', type: 'string', jsonPath: '.status.lastExecution.status' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Control Service', type: 'string', priority: 1, jsonPath: '.status.controlService' },
  { name: 'Synced', type: 'string', priority: 1, jsonPath: `${synced}.status` },
  { name: 'Suspended', type: 'boolean', priority: 1, jsonPath: '.spec.suspend' },
  { name: 'Revision', type: 'string', priority: 1, jsonPath: '.status.source.appliedRevision' },
  { name: 'Python', type: 'string', priority: 1, jsonPath: '.status.deployment.pythonVersion' },
  // Not a date: kubectl prints the age of dates, and this one lies ahead.
  { name: 'Next Run', type: 'string', priority: 1, jsonPath: '.status.nextRunAt' },
  { name: 'Message', type: 'string', priority: 1, jsonPath: `${ready}.message` },
];

export const dataJobCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${dataJobType.plural}.${dataJobType.group}` },
  spec: {
    group: dataJobType.group,
    names: {
      kind: dataJobType.kind,
      listKind: `${dataJobType.kind}List`,
      plural: dataJobType.plural,
      singular: 'datajob',
      shortNames: ['dj'],
      categories: ['all', 'vdk'],
    },
    scope: 'Namespaced',
    versions: [
      {
        name: dataJobType.version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: dataJobSchema },
        subresources: { status: {} },
        selectableFields: [{ jsonPath: '.spec.team' }],
        additionalPrinterColumns: columns,
      },
    ],
  },
} as const;

/** Zod's JSON schema, less the keywords that a CRD may not have or need not repeat. */
function openApiSchema(schema: z.ZodType): SchemaNode {
  const generated = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    override: ({ jsonSchema }) => {
      // Unknown fields are pruned or refused by the API server, never by the schema.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return generated as SchemaNode;
}
