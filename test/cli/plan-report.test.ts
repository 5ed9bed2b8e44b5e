import { expect, test } from 'vitest';
import { type PlannedObject, planAsJson, planLines } from '../../src/cli/plan-report.ts';

const plain = (_: unknown, text: string) => text;
const object = { kind: 'DataJob', namespace: 'sales', actions: [], withheld: [] };
const patch = {
  kind: 'patchDeployment',
  changes: [{ path: 'spec.deployment.schedule', from: '0 6 * * *', to: '0 7 * * *' }],
} as const;
const create = { kind: 'createJob', changes: [{ path: 'job', to: 'sales/new-job' }] } as const;

const planned: readonly PlannedObject[] = [
  { ...object, name: 'changed', actions: [create, patch] },
  { ...object, name: 'equal' },
  { ...object, name: 'watched', withheld: [patch] },
  { ...object, name: 'taken', error: 'The name belongs to team ops.' },
];

test('people read each action with the fields that cause it, and a sum', () => {
  expect(planLines(planned, plain)).toEqual([
    'DataJob sales/changed',
    '  createJob',
    '    job: "sales/new-job"',
    '  patchDeployment',
    '    spec.deployment.schedule: "0 6 * * *" → "0 7 * * *"',
    'DataJob sales/equal: no change',
    'DataJob sales/watched: nothing is written to it (Observe or suspend); it lacks:',
    '  patchDeployment',
    '    spec.deployment.schedule: "0 6 * * *" → "0 7 * * *"',
    'DataJob sales/taken: The name belongs to team ops.',
    '',
    '2 actions on 1 object, 2 unchanged, 1 cannot be planned.',
  ]);
});

test('what an object withholds is no change, so a program can trust the flag', () => {
  const quiet = planned.filter(({ name }) => name === 'equal' || name === 'watched');
  expect(JSON.parse(planAsJson(planned))).toMatchObject({ changes: true, objects: planned });
  expect(JSON.parse(planAsJson(quiet)).changes).toBe(false);
  expect(planLines(quiet, plain).at(-1)).toBe('Nothing to change, 2 unchanged.');
});
