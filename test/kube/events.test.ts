import { expect, test } from 'vitest';
import type { EventNote } from '../../src/kube/event-body.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import { type LogFields, silentLog } from '../../src/platform/log.ts';
import { evenRandom } from './even-random.ts';
import { type Answer, aWidget, json, refusal, scriptedApi } from './scripted-api.ts';

const eventName = `one.${Date.UTC(2026, 0, 1).toString(16)}00000000`;
const made: Answer = json({ kind: 'Event', apiVersion: 'events.k8s.io/v1' }, 201);
const changed: Answer = json({ kind: 'Event', apiVersion: 'events.k8s.io/v1' });

function recording(...script: Answer[]) {
  const api = scriptedApi(...script);
  const stop = new AbortController();
  const lines: (string | LogFields)[][] = [];
  const warn = (message: string, fields: LogFields = {}) => void lines.push([message, fields]);
  const recorder = createEventRecorder({
    client: api.client,
    clock: api.clock,
    random: evenRandom,
    log: { ...silentLog, warn },
    controller: 'widget-operator',
  });
  const run = recorder.run(stop.signal);
  const bodies = () => api.asked.map((one) => JSON.parse(one.body));
  return { ...api, recorder, run, stop, lines, bodies };
}

function aNote(changes: Partial<EventNote> = {}): EventNote {
  return {
    regarding: aWidget('one'),
    type: 'Normal',
    reason: 'Polished',
    action: 'Polish',
    note: 'The widget shines.',
    ...changes,
  };
}

test('an event says what happened to whom, when, and who says so', async () => {
  const { recorder, clock, asked, bodies } = recording(made);
  recorder.record(aNote());
  await clock.settle();
  expect(asked[0]?.target).toBe('/apis/events.k8s.io/v1/namespaces/a/events');
  expect(bodies()).toEqual([
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: eventName, namespace: 'a' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      type: 'Normal',
      reason: 'Polished',
      action: 'Polish',
      note: 'The widget shines.',
      reportingController: 'widget-operator',
      reportingInstance: 'widget-operator',
      regarding: {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        namespace: 'a',
        name: 'one',
        uid: 'uid-one',
        resourceVersion: '1',
      },
    },
  ]);
});

test('the same again is counted in the event that is there, at most once a minute', async () => {
  const { recorder, clock, asked, bodies } = recording(made, changed, changed);
  for (let second = 0; second < 90; second += 1) {
    recorder.record(aNote());
    await clock.advance(1_000);
  }
  await clock.advance(60_000);
  expect(asked.map((one) => one.method)).toEqual(['POST', 'PATCH', 'PATCH']);
  expect(asked[1]?.target).toBe(`/apis/events.k8s.io/v1/namespaces/a/events/${eventName}`);
  expect(bodies().slice(1)).toEqual([
    { series: { count: 60, lastObservedTime: '2026-01-01T00:00:59.000000Z' } },
    { series: { count: 90, lastObservedTime: '2026-01-01T00:01:29.000000Z' } },
  ]);
  expect(clock.asleepForMs()).toEqual([]);
});

test('repeats before the first one is written make one event with a count', async () => {
  const { recorder, clock, bodies } = recording(made);
  recorder.record(aNote());
  recorder.record(aNote());
  await clock.settle();
  expect(bodies()).toMatchObject([{ series: { count: 2 } }]);
});

test('what differs, or comes after a long pause, is an event of its own', async () => {
  const { recorder, clock, asked } = recording(made, made, made, made);
  recorder.record(aNote());
  recorder.record(aNote({ note: 'The widget is dull.' }));
  recorder.record(aNote({ regarding: aWidget('two') }));
  await clock.advance(6 * 60_000);
  recorder.record(aNote());
  await clock.settle();
  expect(asked.map((one) => one.method)).toEqual(['POST', 'POST', 'POST', 'POST']);
});

test('a series whose event was forgotten by the server begins anew', async () => {
  const { recorder, clock, asked, bodies } = recording(
    made,
    refusal(404, 'NotFound', 'no such event'),
    made,
  );
  recorder.record(aNote());
  await clock.advance(60_000);
  recorder.record(aNote());
  await clock.settle();
  expect(asked.map((one) => one.method)).toEqual(['POST', 'PATCH', 'POST']);
  expect(bodies()[2]).toMatchObject({ series: { count: 2 } });
});

test('an object without a namespace has its events in "default"', async () => {
  const { recorder, clock, bodies } = recording(made);
  recorder.record(
    aNote({ regarding: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } }),
  );
  await clock.settle();
  expect(bodies()[0].metadata.namespace).toBe('default');
});

test.each([
  { name: 'letters', text: 'x'.repeat(1_024), want: 'x'.repeat(1_024) },
  { name: 'too many letters', text: 'x'.repeat(1_025), want: `${'x'.repeat(1_021)}…` },
  { name: 'characters of several bytes', text: 'é🚀'.repeat(500), want: `${'é🚀'.repeat(170)}…` },
])('a note of $name fits into what the server takes', async ({ text, want }) => {
  const { recorder, clock, bodies } = recording(made);
  recorder.record(aNote({ note: text }));
  await clock.settle();
  expect(bodies()[0].note).toBe(want);
  expect(Buffer.byteLength(bodies()[0].note)).toBeLessThanOrEqual(1_024);
});

test('a server that is busy or away is asked three times, in its own time', async () => {
  const busy = refusal(429, 'TooManyRequests', 'busy', { 'retry-after': '5' });
  const gone: Answer = () => Promise.reject(new Error('reset'));
  const { recorder, clock, asked, lines } = recording(busy, gone, gone, made);
  recorder.record(aNote());
  await clock.settle();
  expect(clock.asleepForMs()).toEqual([5_000]);
  await clock.advance(5_000);
  expect(clock.asleepForMs()).toEqual([4_000]);
  await clock.advance(60_000);
  expect(asked).toHaveLength(3);
  expect(recorder.dropped).toBe(1);
  expect(lines).toEqual([
    ['an event was dropped', { reason: 'Polished', why: expect.stringContaining('no answer') }],
  ]);
});

test.each([
  { why: 'a permission is missing', answer: refusal(403, 'Forbidden', 'no') },
  { why: 'the namespace is gone', answer: refusal(404, 'NotFound', 'no namespace') },
  { why: 'the event itself is wrong', answer: refusal(422, 'Invalid', 'bad') },
])('when $why, the event is dropped at once and the next one is tried', async ({ answer }) => {
  const { recorder, clock, asked, lines } = recording(answer, answer, made);
  recorder.record(aNote());
  recorder.record(aNote({ reason: 'Second' }));
  recorder.record(aNote({ reason: 'Third' }));
  await clock.settle();
  expect(asked).toHaveLength(3);
  expect(recorder.dropped).toBe(2);
  expect(lines, 'one line for all of them').toHaveLength(1);
});

test('in a namespace that is being deleted, an event is let go without a word', async () => {
  const details = { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] };
  const status = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'no', details };
  const { recorder, clock, asked, lines } = recording(json(status, 403), made);
  recorder.record(aNote());
  recorder.record(aNote({ reason: 'Second' }));
  await clock.settle();
  expect(asked).toHaveLength(2);
  expect(recorder.dropped).toBe(0);
  expect(lines).toEqual([]);
});

test('a flood is cut, and what follows it is recorded again', async () => {
  const answers = Array.from({ length: 502 }, () => made);
  const { recorder, clock, asked } = recording(...answers);
  const flood = (from: number, to: number) => {
    for (let n = from; n < to; n += 1) recorder.record(aNote({ note: String(n) }));
  };
  flood(0, 600);
  expect(recorder.dropped).toBe(100);
  for (let rounds = 0; rounds < 300; rounds += 1) await clock.settle();
  recorder.record(aNote({ note: '599' }));
  await clock.settle();
  expect(asked).toHaveLength(501);
});

test('the recorder remembers no more than the last 2,000 series', async () => {
  const { recorder, clock, asked } = recording(...Array.from({ length: 2_100 }, () => made));
  for (let n = 0; n < 2_001; n += 1) {
    recorder.record(aNote({ note: String(n) }));
    if (n % 100 === 0) await clock.settle();
  }
  await clock.settle();
  recorder.record(aNote({ note: '0' }));
  await clock.settle();
  expect(asked.at(-1)?.method).toBe('POST');
});

test('told to end, it ends and leaves no timer', async () => {
  const { recorder, clock, stop, run, asked } = recording(made);
  recorder.record(aNote());
  await clock.settle();
  recorder.record(aNote());
  await clock.settle();
  expect(clock.asleepForMs()).toEqual([60_000]);
  stop.abort();
  await run;
  expect(clock.asleepForMs()).toEqual([]);
  recorder.record(aNote({ note: 'too late' }));
  await clock.settle();
  expect(asked).toHaveLength(1);
});

test('told to end while it waits to try again, it ends at once', async () => {
  const { recorder, clock, stop, run } = recording(refusal(503, 'ServiceUnavailable', 'away'));
  recorder.record(aNote());
  await clock.settle();
  expect(clock.asleepForMs()).toEqual([2_000]);
  stop.abort();
  await run;
  expect(recorder.dropped).toBe(0);
});
