/** The schemas that all kinds share: what stands in metadata, in lists, and in answers to deletes. */

import type { JsonSchema } from './served-resource.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Schema names as clients know them. */
export const objectMetaName = `${meta}.ObjectMeta`;
export const listMetaName = `${meta}.ListMeta`;
export const statusName = `${meta}.Status`;
export const deleteOptionsName = `${meta}.DeleteOptions`;

export const apiVersionField: JsonSchema = {
  type: 'string',
  description: 'The API group and version that this object is written for, such as v1.',
};

export const kindField: JsonSchema = {
  type: 'string',
  description: 'The kind of this object, in CamelCase. It cannot be changed.',
};

/** `ref` makes a reference in the version of OpenAPI at hand. */
export function metaSchemas(
  ref: (name: string) => JsonSchema,
): Readonly<Record<string, JsonSchema>> {
  return {
    [objectMetaName]: objectMeta(ref),
    [listMetaName]: listMeta(),
    [`${meta}.OwnerReference`]: ownerReference(),
    [`${meta}.ManagedFieldsEntry`]: managedFieldsEntry(ref),
    [`${meta}.FieldsV1`]: {
      type: 'object',
      description: 'A set of fields, as nested names prefixed with f:, k: or v:.',
    },
    [`${meta}.Time`]: {
      type: 'string',
      format: 'date-time',
      description: 'A moment as RFC 3339 text.',
    },
    [statusName]: status(ref),
    [`${meta}.StatusDetails`]: statusDetails(ref),
    [`${meta}.StatusCause`]: statusCause(),
    [deleteOptionsName]: deleteOptions(ref),
    [`${meta}.Preconditions`]: preconditions(),
  };
}

/** A field that is another schema: the description stands beside the reference. */
export function refField(
  reference: JsonSchema,
  description: string,
  more: JsonSchema = {},
): JsonSchema {
  return { allOf: [reference], description, ...more };
}

function text(description: string): JsonSchema {
  return { type: 'string', description };
}

function whole(description: string, format = 'int64'): JsonSchema {
  return { type: 'integer', format, description };
}

function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

function textMap(description: string): JsonSchema {
  return { type: 'object', additionalProperties: { type: 'string', default: '' }, description };
}

function listOf(items: JsonSchema, description: string, more: JsonSchema = {}): JsonSchema {
  return { type: 'array', items, description, ...more };
}

function objectMeta(ref: (name: string) => JsonSchema): JsonSchema {
  const time = ref(`${meta}.Time`);
  const merge = { 'x-kubernetes-patch-strategy': 'merge' };
  return {
    type: 'object',
    description: 'What every stored object has: its name, its labels, and what the server notes.',
    properties: {
      annotations: textMap('Notes by key, for tools and people; nothing can be selected by them.'),
      creationTimestamp: refField(time, 'When the server created the object. Read-only.'),
      deletionGracePeriodSeconds: whole('Seconds until removal, once deleted. Read-only.'),
      deletionTimestamp: refField(
        time,
        'Set once somebody deleted the object; it goes when its finalizers are gone. Read-only.',
      ),
      finalizers: listOf(
        { type: 'string', default: '' },
        'Who has to do something before the object may go. Each removes its own entry.',
        { 'x-kubernetes-list-type': 'set', ...merge },
      ),
      generateName: text('A prefix from which the server makes a name when none is given.'),
      generation: whole('Counts the changes of the specification. Read-only.'),
      labels: textMap('Words by key that selectors can choose objects by.'),
      managedFields: listOf(
        ref(`${meta}.ManagedFieldsEntry`),
        'Which manager set which fields; kept by the server.',
        { 'x-kubernetes-list-type': 'atomic' },
      ),
      name: text('The name, unique within namespace and kind. It cannot be changed.'),
      namespace: text('The namespace; empty for kinds of the whole cluster. It cannot be changed.'),
      ownerReferences: listOf(
        ref(`${meta}.OwnerReference`),
        'Objects that this one belongs to. When all are gone it is deleted too.',
        {
          'x-kubernetes-list-map-keys': ['uid'],
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-patch-merge-key': 'uid',
          ...merge,
        },
      ),
      resourceVersion: text('Changes with every write; sent back, it guards against lost updates.'),
      selfLink: text('No longer filled in.'),
      uid: text('Unique over time and space, unlike the name. Read-only.'),
    },
  };
}

function listMeta(): JsonSchema {
  return {
    type: 'object',
    description: 'What a list says about itself.',
    properties: {
      continue: text('A token for the next page; empty on the last one.'),
      remainingItemCount: whole('How many objects follow this page, where the server knows.'),
      resourceVersion: text('The state that the list shows; a watch can start from it.'),
      selfLink: text('No longer filled in.'),
    },
  };
}

function ownerReference(): JsonSchema {
  return {
    type: 'object',
    description: 'Names an owner in the same namespace, or one of the whole cluster.',
    required: ['apiVersion', 'kind', 'name', 'uid'],
    properties: {
      apiVersion: text("The owner's group and version."),
      blockOwnerDeletion: flag('Whether a foreground deletion of the owner waits for this object.'),
      controller: flag('True for the one owner that manages this object.'),
      kind: text("The owner's kind."),
      name: text("The owner's name."),
      uid: text("The owner's uid."),
    },
    'x-kubernetes-map-type': 'atomic',
  };
}

function managedFieldsEntry(ref: (name: string) => JsonSchema): JsonSchema {
  return {
    type: 'object',
    description: 'The fields that one manager set.',
    properties: {
      apiVersion: text('The version that the field names belong to.'),
      fieldsType: text('The format of the field set: FieldsV1.'),
      fieldsV1: refField(ref(`${meta}.FieldsV1`), 'The set of fields.'),
      manager: text('The name the manager gave itself.'),
      operation: text('Apply for server-side apply, Update for everything else.'),
      subresource: text('The subresource that was written; empty for the object itself.'),
      time: refField(ref(`${meta}.Time`), 'When the manager last changed its set.'),
    },
  };
}

function status(ref: (name: string) => JsonSchema): JsonSchema {
  return {
    type: 'object',
    description: 'The outcome of a request that returns no object.',
    properties: {
      apiVersion: apiVersionField,
      code: whole('The HTTP status code.', 'int32'),
      details: refField(ref(`${meta}.StatusDetails`), 'More about the reason.'),
      kind: kindField,
      message: text('What happened, for people.'),
      metadata: refField(ref(listMetaName), 'Empty.'),
      reason: text('What happened, as one word for programs.'),
      status: text('Success or Failure.'),
    },
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Status' }],
  };
}

function statusDetails(ref: (name: string) => JsonSchema): JsonSchema {
  return {
    type: 'object',
    description: 'What a refusal is about.',
    properties: {
      causes: listOf(ref(`${meta}.StatusCause`), 'Each wrong field.', {
        'x-kubernetes-list-type': 'atomic',
      }),
      group: text('The API group of the object.'),
      kind: text('The kind of the object.'),
      name: text('The name of the object.'),
      retryAfterSeconds: whole('How long to wait before another try.', 'int32'),
      uid: text('The uid of the object.'),
    },
  };
}

function statusCause(): JsonSchema {
  return {
    type: 'object',
    description: 'One wrong field.',
    properties: {
      field: text('Where it is, such as spec.team.'),
      message: text('What is wrong with it.'),
      reason: text('What is wrong with it, as one word for programs.'),
    },
  };
}

function deleteOptions(ref: (name: string) => JsonSchema): JsonSchema {
  return {
    type: 'object',
    description: 'How to delete.',
    properties: {
      apiVersion: apiVersionField,
      dryRun: listOf({ type: 'string', default: '' }, 'All: check, but change nothing.', {
        'x-kubernetes-list-type': 'atomic',
      }),
      gracePeriodSeconds: whole('Seconds before removal; 0 removes at once.'),
      kind: kindField,
      orphanDependents: flag('Replaced by propagationPolicy.'),
      preconditions: refField(ref(`${meta}.Preconditions`), 'Delete only if these hold.'),
      propagationPolicy: text('What becomes of owned objects: Foreground, Background or Orphan.'),
    },
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'DeleteOptions' }],
  };
}

function preconditions(): JsonSchema {
  return {
    type: 'object',
    description: 'What must hold before a deletion.',
    properties: {
      resourceVersion: text('The resource version the object must have.'),
      uid: text('The uid the object must have.'),
    },
  };
}
