import { describe, expect, test } from 'vitest';
import { createIntentAnnotation } from '../../../src/api/annotations.ts';
import type { DataJob } from '../../../src/api/data-job.ts';
import { mayComeUntil, nextIntent } from '../../../src/reconcile/datajob/create-intent.ts';
import { aDataJob, withMetadata, withStatus } from '../../support/data-jobs.ts';

const minute = 60_000;
const t0 = Date.UTC(2026, 0, 1);

/** The object after the note that it makes at that time. */
function noted(dataJob: DataJob, atMs: number): DataJob {
  const text = nextIntent(dataJob, atMs);
  if (text === undefined) return dataJob;
  return withMetadata({ annotations: { [createIntentAnnotation]: text } })(dataJob);
}
const stalledAt = (observedGeneration: number) =>
  withStatus({
    observedGeneration,
    conditions: [
      {
        type: 'Stalled',
        status: 'True',
        reason: 'NameConflict',
        message: 'It is taken.',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        observedGeneration,
      },
    ],
  });
const generation = aDataJob().metadata.generation ?? 0;
const once = noted(aDataJob(), t0);
const twice = noted(once, t0 + minute);

describe('a job that is absent may still come', () => {
  const cases = [
    ['its create was noted a moment ago', once, false, minute, '2026-01-01T00:01:30.000Z'],
    ['not for ever', once, false, 1.5 * minute + 1, undefined],
    ['not when nothing was noted', aDataJob(), false, 0, undefined],
    ['not when it was seen, and so the create has done all it could', once, true, 0, undefined],
    ['by the second create', twice, false, 2 * minute, '2026-01-01T00:02:30.000Z'],
    [
      'by the first of two, though one was seen',
      twice,
      true,
      1.25 * minute,
      '2026-01-01T00:01:30.000Z',
    ],
    ['by the first not for ever', twice, true, 2 * minute, undefined],
    ['not when the create was refused', stalledAt(generation)(once), false, minute, undefined],
    [
      'though an earlier manifest was refused',
      stalledAt(generation - 1)(once),
      false,
      minute,
      '2026-01-01T00:01:30.000Z',
    ],
    ['not by a note of a clock that was set back since', once, false, -60 * minute, undefined],
    [
      'not when somebody made something else of the note',
      withMetadata({ annotations: { [createIntentAnnotation]: 'null' } })(aDataJob()),
      false,
      0,
      undefined,
    ],
  ] as const;
  test.each(cases)('%s', (_, dataJob, wasSeen, afterMs, until) => {
    expect(mayComeUntil(dataJob, wasSeen, undefined, t0 + afterMs)).toBe(until);
  });
});

test('a create that is refused again and again is noted once', () => {
  const refused = stalledAt(generation)(once);
  expect(nextIntent(refused, t0 + 30 * minute)).toBeUndefined();
  const edited = withMetadata({ generation: generation + 1 })(refused);
  expect(JSON.parse(nextIntent(edited, t0 + minute) ?? '')).toMatchObject({
    at: '2026-01-01T00:01:00.000Z',
    generation: generation + 1,
  });
});

test('a create long after the first one is alone', () => {
  expect(JSON.parse(nextIntent(once, t0 + 60 * minute) ?? '')).not.toHaveProperty('earlier');
});

test('a create without a note of its own may come, unless the job was seen', () => {
  const refused = stalledAt(generation)(once);
  const silentAt = t0 + 2 * minute;
  const until = (wasSeen: boolean) =>
    mayComeUntil(refused, wasSeen, silentAt, silentAt + 1.5 * minute);
  expect(until(false)).toBe('2026-01-01T00:03:30.000Z');
  expect(until(true)).toBeUndefined();
  expect(mayComeUntil(refused, false, silentAt, silentAt + 1.5 * minute + 1)).toBeUndefined();
});
