/**
 * Shows rows while they change. On a terminal the table is redrawn in place; elsewhere each change
 * is a line of its own, so that a log reads from top to bottom.
 */
import type { Output } from '../platform/process.ts';
import { type ObjectState, stateLines } from './object-state.ts';
import { type Paint, shorten } from './print.ts';

export interface LiveTable {
  show(states: readonly ObjectState[]): void;
  /** Leaves the last table standing; changes are lines from here on. */
  settle(states: readonly ObjectState[]): void;
}

/** A log line needs no more of a message than this; the whole text stands in the object. */
const messageMax = 160;

export function createLiveTable(output: Output, paint: Paint): LiveTable {
  let drawn = 0;
  let settled = false;
  let before = new Map<string, string>();
  const draw = (states: readonly ObjectState[]) => {
    const lines = stateLines(states, paint, output.columns);
    const up = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`;
    output.write(`${up}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const changesOf = (states: readonly ObjectState[]) => {
    const now = new Map(states.map((state) => [keyOf(state), changeLine(state, paint)]));
    const gone = [...before.keys()].filter((key) => !now.has(key)).map((key) => `${key}  gone`);
    const changed = [...now].filter(([key, line]) => before.get(key) !== line);
    before = now;
    return [...changed.map(([, line]) => line), ...gone];
  };
  return {
    show(states) {
      const changes = changesOf(states);
      if (changes.length === 0) return;
      if (output.isTerminal && !settled) draw(states);
      else output.write(`${changes.join('\n')}\n`);
    },
    settle(states) {
      changesOf(states);
      if (output.isTerminal) draw(states);
      else output.write(`\n${stateLines(states, paint).join('\n')}\n`);
      settled = true;
    },
  };
}

function keyOf({ namespace, name }: ObjectState): string {
  return `${namespace}/${name}`;
}

function changeLine(state: ObjectState, paint: Paint): string {
  const { ready, reason, message } = state;
  const word = paint(ready ? 'good' : 'busy', ready ? 'Ready' : 'not Ready');
  return `${keyOf(state)}  ${word}  ${reason}  ${shorten(message, messageMax)}`;
}
