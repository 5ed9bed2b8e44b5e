import { expect, test } from 'vitest';
import type { Condition } from '../../src/api/conditions.ts';
import type { DataJob } from '../../src/api/data-job.ts';
import { objectState, statesAsJson, waitingLines } from '../../src/cli/object-state.ts';

const isReady: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'UpToDate',
  message: 'Nothing to do.',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  observedGeneration: 2,
};

function aDataJob(generation: number, conditions?: readonly Condition[]): DataJob {
  const metadata = { name: 'load-orders', namespace: 'sales', generation };
  const status = conditions === undefined ? undefined : { observedGeneration: 2, conditions };
  return { kind: 'DataJob', metadata, status } as unknown as DataJob;
}

test.each([
  {
    name: 'Ready for this generation',
    why: 'the one good case',
    dataJob: aDataJob(2, [isReady]),
    want: { ready: true, reason: 'UpToDate', message: 'Nothing to do.' },
  },
  {
    name: 'Ready for the generation before',
    why: 'a change that was just applied must not look done',
    dataJob: aDataJob(3, [isReady]),
    want: { ready: false, reason: 'Progressing' },
  },
  {
    name: 'Ready Unknown',
    why: 'only True is Ready',
    dataJob: aDataJob(2, [{ ...isReady, status: 'Unknown', reason: 'Progressing' }]),
    want: { ready: false, reason: 'Progressing', message: 'Nothing to do.' },
  },
  {
    name: 'no status yet',
    why: 'the operator has not come by',
    dataJob: aDataJob(1),
    want: { ready: false, reason: 'Progressing', message: 'Not looked at yet.' },
  },
])('$name', ({ dataJob, want, why }) => {
  expect(objectState(dataJob), why).toMatchObject(want);
});

test('the JSON is ready only when every object is', () => {
  const states = [objectState(aDataJob(2, [isReady])), objectState(aDataJob(1))];
  const document = JSON.parse(statesAsJson(states));
  expect(document).toEqual({ ready: false, objects: states });
  expect(Object.keys(document.objects[0])).toEqual([
    'kind',
    'namespace',
    'name',
    'ready',
    'reason',
    'message',
  ]);
});

test('who gives up waiting is told which object waits for what', () => {
  const states = [objectState(aDataJob(2, [isReady])), objectState(aDataJob(1))];
  expect(waitingLines(states)).toEqual([
    'DataJob sales/load-orders is not Ready: Progressing: Not looked at yet.',
  ]);
});
