/** A few words to write the built-in kinds' schemas with, so that each reads as a list of fields. */
import type { JsonSchema } from '../served-resource.ts';

type Fields = Readonly<Record<string, JsonSchema>>;

export const text = (description: string): JsonSchema => ({ type: 'string', description });

export const flag = (description: string): JsonSchema => ({ type: 'boolean', description });

export const whole = (description: string, format = 'int32'): JsonSchema => ({
  type: 'integer',
  format,
  description,
});

export const time = (description: string): JsonSchema => ({
  type: 'string',
  format: 'date-time',
  nullable: true,
  description,
});

export const bytes = (description: string): JsonSchema => ({
  type: 'string',
  format: 'byte',
  description,
});

export const fields = (description: string, properties: Fields): JsonSchema => ({
  type: 'object',
  description,
  properties,
});

/** An object whose inside this server stores and does not read. */
export const anything = (description: string): JsonSchema => ({
  type: 'object',
  description,
  'x-kubernetes-preserve-unknown-fields': true,
});

export const mapOf = (description: string, values: JsonSchema): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: values,
});

export const listOf = (description: string, items: JsonSchema): JsonSchema => ({
  type: 'array',
  description,
  items,
  'x-kubernetes-list-type': 'atomic',
});

const setOf = (description: string, items: JsonSchema): JsonSchema => ({
  ...listOf(description, items),
  'x-kubernetes-list-type': 'set',
  'x-kubernetes-patch-strategy': 'merge',
});

/** A list whose items are known by one field, for apply and for strategic merge alike. */
export const keyedList = (description: string, key: string, items: JsonSchema): JsonSchema => ({
  ...listOf(description, items),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': key,
});

const ownerFields = fields('An object that this one belongs to and is deleted with.', {
  apiVersion: text('API version of the owner.'),
  kind: text('Kind of the owner.'),
  name: text('Name of the owner.'),
  uid: text('UID of the owner: an owner of the same name made later is another one.'),
  controller: flag('True for the one owner that manages this object.'),
  blockOwnerDeletion: flag('True when a foreground deletion of the owner waits for this object.'),
});

const ownerReference = { ...ownerFields, 'x-kubernetes-map-type': 'atomic' };

/** The fields of `metadata`, the same for every kind. */
export const metadataSchema: JsonSchema = fields(
  'What every object has: its name and book-keeping.',
  {
    name: text('Unique within a namespace and kind; it cannot be changed.'),
    generateName: text('A prefix: the server makes the name from it when no name is given.'),
    namespace: text('The namespace that the object lives in; it cannot be changed.'),
    selfLink: text('Not used any more.'),
    uid: text('Unique in time and space; set by the server.'),
    resourceVersion: text('Changes with every write. Opaque; set by the server.'),
    generation: whole('Counts changes of the wanted state; set by the server.', 'int64'),
    creationTimestamp: time('When the object was made; set by the server.'),
    deletionTimestamp: time('When the object is to be gone; set by the server on deletion.'),
    deletionGracePeriodSeconds: whole('Seconds that the deletion waits at most.', 'int64'),
    labels: mapOf('Short values to select objects by.', { type: 'string' }),
    annotations: mapOf('Values that are stored along and not selected by.', { type: 'string' }),
    ownerReferences: keyedList('The objects that this one belongs to.', 'uid', ownerReference),
    finalizers: setOf('What must still happen before a deleted object leaves.', { type: 'string' }),
    managedFields: listOf('Who set which field; kept by the server.', anything('One manager.')),
  },
);

/** The schema of a whole object with the given fields beside the usual ones. */
export function objectSchema(description: string, properties: Fields): JsonSchema {
  return fields(description, {
    apiVersion: text('Group and version of the API that this object is written in.'),
    kind: text('What this object is.'),
    metadata: metadataSchema,
    ...properties,
  });
}
