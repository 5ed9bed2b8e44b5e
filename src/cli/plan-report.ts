/** How a plan is told: for people line by line, for programs as one JSON document. */
import type { Action, Change } from '../reconcile/datajob/model.ts';
import type { Paint } from './print.ts';
import { shorten } from './print.ts';

export interface PlannedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What a pass performs. */
  readonly actions: readonly Action[];
  /** What it would perform if the object did not hold the operator back. */
  readonly withheld: readonly Action[];
  /** Why nothing could be planned. */
  readonly error?: string;
}

/** A value longer than this is told by its beginning; the manifest has the whole. */
const valueMax = 60;

export function planLines(planned: readonly PlannedObject[], paint: Paint): readonly string[] {
  return [...planned.flatMap((each) => objectLines(each, paint)), '', summary(planned)];
}

export function planAsJson(planned: readonly PlannedObject[]): string {
  return JSON.stringify({ changes: changesSomething(planned), objects: planned }, undefined, 2);
}

export function changesSomething(planned: readonly PlannedObject[]): boolean {
  return planned.some(({ actions }) => actions.length > 0);
}

function objectLines(planned: PlannedObject, paint: Paint): readonly string[] {
  const { kind, namespace, name, actions, withheld, error } = planned;
  const title = paint('strong', `${kind} ${namespace}/${name}`);
  if (error !== undefined) return [`${title}: ${paint('bad', error)}`];
  if (withheld.length > 0) {
    const lines = withheld.flatMap((action) => actionLines(action, paint));
    return [`${title}: nothing is written to it (Observe or suspend); it lacks:`, ...lines];
  }
  if (actions.length === 0) return [`${title}: ${paint('good', 'no change')}`];
  return [title, ...actions.flatMap((action) => actionLines(action, paint))];
}

function actionLines({ kind, changes }: Action, paint: Paint): readonly string[] {
  return [
    `  ${paint('busy', kind)}`,
    ...changes.map((change) => `    ${change.path}: ${changeText(change)}`),
  ];
}

function changeText({ from, to }: Change): string {
  if (from === undefined) return valueText(to);
  return `${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: unknown): string {
  return shorten(value === undefined ? '(none)' : JSON.stringify(value), valueMax);
}

function summary(planned: readonly PlannedObject[]): string {
  const changing = planned.filter(({ actions }) => actions.length > 0);
  const failed = planned.filter(({ error }) => error !== undefined);
  const actions = changing.reduce((sum, each) => sum + each.actions.length, 0);
  const parts = [
    changing.length === 0
      ? 'Nothing to change'
      : `${count(actions, 'action')} on ${count(changing.length, 'object')}`,
    `${planned.length - changing.length - failed.length} unchanged`,
    ...(failed.length === 0 ? [] : [`${failed.length} cannot be planned`]),
  ];
  return `${parts.join(', ')}.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
