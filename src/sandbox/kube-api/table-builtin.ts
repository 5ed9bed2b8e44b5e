/** The columns of built-in kinds, as the API server prints them. */

import { isObject, type JsonObject } from './schema/json-value.ts';
import { ageOf } from './table-age.ts';
import { ageColumn, at, type Column, column, nameColumn, wide } from './table-column.ts';
import { workloadColumns } from './table-workloads.ts';

/** The columns of a built-in kind; undefined where there are none of its own. */
export function builtInColumns(group: string, kind: string): readonly Column[] | undefined {
  return byKind.get(`${group}/${kind}`);
}

const eventColumns: readonly Column[] = [
  column('Last Seen', 'When the event happened last.', lastSeen),
  column('Type', 'Normal or Warning.', (event) => at(event, 'type') ?? ''),
  column('Reason', 'A word for what happened.', (event) => at(event, 'reason') ?? ''),
  column('Object', 'What the event is about.', target),
  wide('Subobject', 'The part of the object.', (event) => about(event).fieldPath ?? ''),
  wide('Source', 'Who reported it.', source),
  column('Message', 'What happened, for people.', (event) =>
    String(at(event, 'message') ?? at(event, 'note') ?? '').trim(),
  ),
  wide('First Seen', 'When the event happened first.', firstSeen),
  wide('Count', 'How often it happened.', countOf),
  { ...nameColumn, priority: 1 },
];

const byKind: ReadonlyMap<string, readonly Column[]> = new Map([
  [
    '/ConfigMap',
    [
      nameColumn,
      column(
        'Data',
        'How many keys it has.',
        (object) => sizeOf(at(object, 'data')) + sizeOf(at(object, 'binaryData')),
      ),
      ageColumn,
    ],
  ],
  [
    '/Secret',
    [
      nameColumn,
      column('Type', 'What the secret is for.', (object) => at(object, 'type') ?? ''),
      column('Data', 'How many keys it has.', (object) => sizeOf(at(object, 'data'))),
      ageColumn,
    ],
  ],
  [
    '/Namespace',
    [
      nameColumn,
      column('Status', 'Active, or Terminating.', (object) => at(object, 'status', 'phase') ?? ''),
      ageColumn,
    ],
  ],
  ['/Event', eventColumns],
  ['events.k8s.io/Event', eventColumns],
  [
    'coordination.k8s.io/Lease',
    [
      nameColumn,
      column(
        'Holder',
        'Who has the lease.',
        (object) => at(object, 'spec', 'holderIdentity') ?? '',
      ),
      ageColumn,
    ],
  ],
  ['apiextensions.k8s.io/CustomResourceDefinition', crdColumns()],
  ...workloadColumns,
]);

function crdColumns(): readonly Column[] {
  return [
    nameColumn,
    column('Scope', 'Cluster or Namespaced.', (crd) => at(crd, 'spec', 'scope') ?? ''),
    column('Versions', 'The served versions.', servedVersions),
    {
      ...column('Created At', 'When it was created.', createdAt),
      type: 'date',
    },
    wide('Group', 'The API group.', (crd) => at(crd, 'spec', 'group') ?? ''),
    wide('Kind', 'The kind it defines.', (crd) => at(crd, 'spec', 'names', 'kind') ?? ''),
    wide('ShortNames', 'Short names.', (crd) => {
      const names = at(crd, 'spec', 'names', 'shortNames');
      return Array.isArray(names) ? names.join(',') : '';
    }),
    {
      ...wide('Established', 'Whether the kind is served.', isEstablished),
      type: 'boolean',
    },
  ];
}

function sizeOf(value: unknown): number {
  return isObject(value) ? Object.keys(value).length : 0;
}

function createdAt(object: JsonObject): unknown {
  return at(object, 'metadata', 'creationTimestamp') ?? null;
}

function servedVersions(crd: JsonObject): string {
  const versions = at(crd, 'spec', 'versions');
  const served = Array.isArray(versions) ? versions.filter((each) => at(each, 'served')) : [];
  return served
    .map((each) => `${at(each, 'name')}${at(each, 'storage') ? '(storage)' : ''}`)
    .sort()
    .join(',');
}

function isEstablished(crd: JsonObject): boolean {
  const conditions = at(crd, 'status', 'conditions');
  return (
    Array.isArray(conditions) &&
    conditions.some((each) => at(each, 'type') === 'Established' && at(each, 'status') === 'True')
  );
}

/** Core events and events.k8s.io name the same things differently. */
function about(event: JsonObject): JsonObject {
  const reference = at(event, 'involvedObject') ?? at(event, 'regarding');
  return isObject(reference) ? reference : {};
}

function target(event: JsonObject): string {
  const { kind = '', name } = about(event);
  const lower = String(kind).toLowerCase();
  return name ? `${lower}/${name}` : lower;
}

function source(event: JsonObject): string {
  const old = at(event, 'source') ?? at(event, 'deprecatedSource');
  const component = at(old, 'component') || at(event, 'reportingComponent');
  const who = component || at(event, 'reportingController') || '';
  const instance = at(old, 'host') || at(event, 'reportingInstance') || '';
  return instance ? `${who}, ${instance}` : String(who);
}

function firstSeen(event: JsonObject, nowMs: number): string {
  const first = at(event, 'firstTimestamp') ?? at(event, 'deprecatedFirstTimestamp');
  return ageOf(first || at(event, 'eventTime'), nowMs);
}

function lastSeen(event: JsonObject, nowMs: number): string {
  const series = at(event, 'series', 'lastObservedTime');
  if (series) return ageOf(series, nowMs);
  const last = at(event, 'lastTimestamp') ?? at(event, 'deprecatedLastTimestamp');
  return last ? ageOf(last, nowMs) : firstSeen(event, nowMs);
}

function countOf(event: JsonObject): unknown {
  const series = at(event, 'series', 'count');
  return series ?? (at(event, 'count') || at(event, 'deprecatedCount') || 1);
}
