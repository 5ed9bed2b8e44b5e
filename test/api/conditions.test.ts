import { expect, test } from 'vitest';
import {
  type Condition,
  conditionOf,
  type NewCondition,
  withCondition,
  withoutCondition,
} from '../../src/api/conditions.ts';

const ready: NewCondition = {
  type: 'Ready',
  status: 'True',
  reason: 'UpToDate',
  message: 'All is as it should be.',
  observedGeneration: 1,
};
const firstMs = Date.UTC(2026, 0, 31, 6, 0, 0, 987);
const laterMs = firstMs + 60_000;

test('a new condition gets the present time, in whole seconds', () => {
  expect(withCondition([], ready, firstMs)).toEqual([
    { ...ready, lastTransitionTime: '2026-01-31T06:00:00Z' },
  ]);
});

test('the time stays while the status stays, whatever else changes', () => {
  const list = withCondition([], ready, firstMs);
  const next: NewCondition = {
    ...ready,
    reason: 'DriftCorrected',
    message: 'x',
    observedGeneration: 2,
  };
  expect(withCondition(list, next, laterMs)).toEqual([
    { ...next, lastTransitionTime: '2026-01-31T06:00:00Z' },
  ]);
});

test('the time moves when the status flips', () => {
  const list = withCondition([], ready, firstMs);
  const next: NewCondition = { ...ready, status: 'False', reason: 'NotDeployed' };
  expect(conditionOf(withCondition(list, next, laterMs), 'Ready')?.lastTransitionTime).toBe(
    '2026-01-31T06:01:00Z',
  );
});

test('a condition keeps its place, others are left alone, and the list given is not changed', () => {
  const synced: NewCondition = { ...ready, type: 'Synced' };
  const list: readonly Condition[] = Object.freeze([
    ...withCondition(withCondition([], ready, firstMs), synced, firstMs),
  ]);
  const next = withCondition(list, { ...ready, status: 'Unknown', reason: 'Progressing' }, laterMs);
  expect(next.map(({ type, status }) => [type, status])).toEqual([
    ['Ready', 'Unknown'],
    ['Synced', 'True'],
  ]);
  expect(next[1]).toBe(list[1]);
});

test('a condition that is present only while true is taken out, and nothing else', () => {
  const stalled: NewCondition = { ...ready, type: 'Stalled', reason: 'InvalidSpec' };
  const list = withCondition(withCondition([], ready, firstMs), stalled, firstMs);
  expect(withoutCondition(list, 'Stalled').map(({ type }) => type)).toEqual(['Ready']);
  expect(withoutCondition(list, 'Reconciling')).toEqual(list);
});
