import { expect, test } from 'vitest';
import { createLiveTable } from '../../src/cli/live-table.ts';
import type { ObjectState } from '../../src/cli/object-state.ts';

const plain = (_: unknown, text: string) => text;
const busy: ObjectState = {
  kind: 'DataJob',
  namespace: 'sales',
  name: 'load-orders',
  ready: false,
  reason: 'Progressing',
  message: 'Uploading.',
};
const done: ObjectState = { ...busy, ready: true, reason: 'UpToDate', message: 'All is well.' };

function tableOn(isTerminal: boolean) {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal, columns: 80 };
  return { written, table: createLiveTable(output, plain) };
}

test('in a log, each change is one line and the end is a table', () => {
  const { written, table } = tableOn(false);
  table.show([busy]);
  table.show([busy]);
  table.show([done]);
  table.settle([done]);
  table.show([{ ...done, reason: 'DriftCorrected' }]);
  table.show([]);
  expect(written).toEqual([
    'sales/load-orders  not Ready  Progressing  Uploading.\n',
    'sales/load-orders  Ready  UpToDate  All is well.\n',
    '\nKIND     NAMESPACE  NAME         READY  STATUS    MESSAGE\n' +
      'DataJob  sales      load-orders  True   UpToDate  All is well.\n',
    'sales/load-orders  Ready  DriftCorrected  All is well.\n',
    'sales/load-orders  gone\n',
  ]);
});

test('on a terminal, the table is redrawn over itself, and only when something changed', () => {
  const { written, table } = tableOn(true);
  table.show([busy]);
  table.show([busy]);
  table.show([done]);
  expect(written).toHaveLength(2);
  expect(written[0]).not.toContain('\u001b');
  expect(written[1]?.startsWith('\u001b[2A\u001b[J')).toBe(true);
});
