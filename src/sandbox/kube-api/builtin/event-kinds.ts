/**
 * Events: one storage, two views. Kept as the core group shows them; events.k8s.io names the same
 * fields differently, and asks more of who writes through it.
 */
import { type ApiObject, asMap } from '../json.ts';
import type { Kind } from '../kind.ts';
import { type FieldError, invalid, required } from '../schema/field-error.ts';
import type { JsonSchema } from '../served-resource.ts';
import { builtinKind } from './builtin-kind.ts';
import { fields, objectSchema, text, time, whole } from './schema-words.ts';

/** The core group's name of a field, and that of events.k8s.io. */
const renamed: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

const toNew = new Map(renamed);
const toCore = new Map(renamed.map(([core, other]) => [other, core]));

const newVersion = 'events.k8s.io/v1';

export function eventKinds(): readonly Kind[] {
  const coreSchema = eventFields(new Map());
  return [
    builtinKind({
      group: '',
      version: 'v1',
      plural: 'events',
      kind: 'Event',
      shortNames: ['ev'],
      emptyObject: { source: {} },
      createOnUpdate: true,
      selectable: [
        ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
          (field) => `involvedObject.${field}`,
        ),
        'reason',
        'reportingComponent',
        'source',
        'type',
      ],
      schema: objectSchema('Something that happened to an object.', coreSchema),
      withDefaults: withoutZeroes,
      shown: withZeroes,
      validate: (next) => namespaceErrors(next, 'involvedObject'),
    }),
    builtinKind({
      group: 'events.k8s.io',
      version: 'v1',
      plural: 'events',
      kind: 'Event',
      shortNames: ['ev'],
      emptyObject: { deprecatedSource: {} },
      createOnUpdate: true,
      storage: '/events',
      selectable: [
        'reason',
        'regarding.kind',
        'regarding.name',
        'regarding.namespace',
        'regarding.uid',
        'reportingController',
        'type',
      ],
      schema: objectSchema('Something that happened to an object.', eventFields(toNew)),
      present: (stored) => converted(stored, newVersion, toNew),
      accept: (object) => converted(object, 'v1', toCore),
      withDefaults: withoutZeroes,
      shown: (event) =>
        withoutZeroes(converted(withZeroes(converted(event, 'v1', toCore)), newVersion, toNew)),
      validate: (next, old) => [
        ...(old === undefined ? newEventErrors(next) : []),
        ...namespaceErrors(next, 'regarding'),
      ],
    }),
  ];
}

function converted(event: ApiObject, apiVersion: string, names: ReadonlyMap<string, string>) {
  const entries = Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]);
  return { ...Object.fromEntries(entries), apiVersion } as ApiObject;
}

/** What clients send back of the fields that are always shown is no content. */
function withoutZeroes(event: ApiObject): ApiObject {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== '')) as ApiObject;
}

/** The fields that the real server always shows, empty or not. */
function withZeroes(event: ApiObject): ApiObject {
  return {
    ...event,
    involvedObject: event.involvedObject ?? {},
    source: event.source ?? {},
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    eventTime: event.eventTime ?? null,
    reportingComponent: event.reportingComponent ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
}

function eventFields(names: ReadonlyMap<string, string>): Record<string, JsonSchema> {
  const referenceFields = fields('The object that this is about.', {
    apiVersion: text('Its API version.'),
    kind: text('Its kind.'),
    namespace: text('Its namespace.'),
    name: text('Its name.'),
    uid: text('Its UID.'),
    resourceVersion: text('The version of it that this is about.'),
    fieldPath: text('The part of it that this is about.'),
  });
  const reference = { ...referenceFields, 'x-kubernetes-map-type': 'atomic' };
  const schemas: Record<string, JsonSchema> = {
    involvedObject: reference,
    related: { ...reference, description: 'A second object that had part in it.' },
    reason: text('Why it happened: one word, for programs.'),
    message: text('What happened: a sentence, for people.'),
    type: text('Normal or Warning.'),
    action: text('What was done about it.'),
    source: fields('Who told it, in the old form.', {
      component: text('The program.'),
      host: text('The machine.'),
    }),
    firstTimestamp: time('When it was first seen.'),
    lastTimestamp: time('When it was last seen.'),
    count: whole('How often it was seen.'),
    eventTime: time('When it was first seen, in the new form.'),
    series: fields('Set when it goes on happening.', {
      count: whole('How often it was seen.'),
      lastObservedTime: time('When it was last seen.'),
    }),
    reportingComponent: text('The program that told it.'),
    reportingInstance: text('The instance of the program.'),
  };
  const entries = Object.entries(schemas).map(([name, schema]) => [
    names.get(name) ?? name,
    schema,
  ]);
  return Object.fromEntries(entries);
}

function namespaceErrors(event: ApiObject, reference: string): readonly FieldError[] {
  const { namespace } = asMap(event[reference]);
  const home = event.metadata.namespace;
  // Events about cluster-scoped objects live in the default namespace.
  if (namespace === undefined || namespace === '' ? home === 'default' : namespace === home) {
    return [];
  }
  const field = 'involvedObject.namespace';
  return [invalid(field, namespace ?? '', 'does not match event.namespace')];
}

function newEventErrors(event: ApiObject): readonly FieldError[] {
  const lacks = (name: string) => event[name] === undefined || event[name] === '';
  const reporter = ['reportingController', 'reportingInstance', 'action', 'reason'];
  // Without its time the event is not looked at any further.
  const needed = lacks('eventTime') ? ['eventTime'] : reporter;
  const errors = needed.filter(lacks).map((name) => required(name));
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    return [...errors, invalid('type', event.type ?? '', 'has invalid value: ')];
  }
  return errors;
}
