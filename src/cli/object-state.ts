/** Where each DataJob stands, in one row: what the table, the JSON and the exit code are made of. */
import { conditionOf } from '../api/conditions.ts';
import type { DataJob } from '../api/data-job.ts';
import { type Cell, type Paint, tableLines } from './print.ts';

export interface ObjectState {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
}

export function objectState(dataJob: DataJob): ObjectState {
  const { kind, metadata, status } = dataJob;
  const ready = conditionOf(status?.conditions, 'Ready');
  const base = { kind, namespace: metadata.namespace, name: metadata.name };
  if (ready === undefined) {
    return { ...base, ready: false, reason: 'Progressing', message: 'Not looked at yet.' };
  }
  // A word about an older generation says nothing about this one.
  if (ready.observedGeneration !== metadata.generation) {
    const message = 'A new generation of the spec waits to be dealt with.';
    return { ...base, ready: false, reason: 'Progressing', message };
  }
  const { reason, message } = ready;
  return { ...base, ready: ready.status === 'True', reason, message };
}

export function allReady(states: readonly ObjectState[]): boolean {
  return states.every((state) => state.ready);
}

export function stateLines(
  states: readonly ObjectState[],
  paint: Paint,
  width?: number,
): readonly string[] {
  const rows = states.map(({ kind, namespace, name, ready, reason, message }): readonly Cell[] => [
    { text: kind },
    { text: namespace },
    { text: name, style: 'strong' },
    { text: ready ? 'True' : 'False', style: ready ? 'good' : 'busy' },
    { text: reason },
    { text: message, style: 'faint' },
  ]);
  return tableLines(
    ['KIND', 'NAMESPACE', 'NAME', 'READY', 'STATUS', 'MESSAGE'],
    rows,
    paint,
    width,
  );
}

/** Which object waits for what, a line each: for whoever gave up waiting. */
export function waitingLines(states: readonly ObjectState[]): readonly string[] {
  return states
    .filter((state) => !state.ready)
    .map(
      ({ kind, namespace, name, reason, message }) =>
        `${kind} ${namespace}/${name} is not Ready: ${reason}: ${message}`,
    );
}

export function statesAsJson(states: readonly ObjectState[]): string {
  return JSON.stringify({ ready: allReady(states), objects: states }, undefined, 2);
}
