import { expect, test } from 'vitest';
import { createStore } from '../../src/kube/store.ts';
import { type LogFields, silentLog } from '../../src/platform/log.ts';
import { atVersion, aWidget, type Widget, withMeta } from './scripted-api.ts';

function aStore() {
  const errors: (string | LogFields)[][] = [];
  const error = (message: string, fields: LogFields = {}) => void errors.push([message, fields]);
  const store = createStore<Widget>({ ...silentLog, error });
  const heard: string[] = [];
  const say = ({ metadata }: Widget) =>
    `${metadata.name}@${metadata.resourceVersion} (${store.get(`a/${metadata.name}`) ? 'in' : 'out'})`;
  const end = store.subscribe({
    added: (widget, initial) => heard.push(`${initial ? 'initial' : 'added'} ${say(widget)}`),
    updated: (widget, before) =>
      heard.push(`updated ${say(widget)} from ${before.metadata.resourceVersion}`),
    deleted: (widget) => heard.push(`deleted ${say(widget)}`),
  });
  return { store, heard, errors, end };
}

const recreated = withMeta({ uid: 'uid-second' });

test('changes are told once the store has them', () => {
  const { store, heard } = aStore();
  store.put(aWidget('one'));
  store.put(aWidget('one', atVersion(2)));
  store.remove(aWidget('one', atVersion(3)));
  expect(heard).toEqual(['added one@1 (in)', 'updated one@2 (in) from 1', 'deleted one@3 (out)']);
  expect(store.size).toBe(0);
});

test('the same version again is no change', () => {
  const { store, heard } = aStore();
  store.put(aWidget('one'));
  store.put(aWidget('one'));
  store.put(aWidget('one'), true);
  expect(heard).toEqual(['added one@1 (in)']);
});

test('another object of the same name means that the first was deleted', () => {
  const { store, heard } = aStore();
  store.put(aWidget('one'));
  store.put(aWidget('one', recreated, atVersion(5)));
  expect(heard.slice(1)).toEqual(['deleted one@1 (out)', 'added one@5 (in)']);
});

test('the late end of an object that has a successor changes nothing', () => {
  const { store, heard } = aStore();
  store.put(aWidget('one', recreated));
  store.remove(aWidget('one', atVersion(2)));
  store.remove(aWidget('unknown'));
  expect(heard).toEqual(['added one@1 (in)']);
  expect(store.get('a/one')?.metadata.uid).toBe('uid-second');
});

test('what is there at the first look is told as such', () => {
  const { store, heard } = aStore();
  store.put(aWidget('one'), true);
  expect(heard).toEqual(['initial one@1 (in)']);
});

test('a subscriber that throws harms neither the store nor the others', () => {
  const { store, errors } = aStore();
  const heard: string[] = [];
  store.subscribe({
    added: () => {
      throw new Error('broken subscriber');
    },
  });
  store.subscribe({ added: (widget) => heard.push(widget.metadata.name) });
  store.put(aWidget('one'));
  expect(heard).toEqual(['one']);
  expect(errors).toEqual([
    ['a subscriber failed on a change', { key: 'a/one', error: 'broken subscriber' }],
  ]);
});

test('a subscriber that left hears nothing', () => {
  const { store, heard, end } = aStore();
  end();
  store.put(aWidget('one'));
  expect(heard).toEqual([]);
});

test('what objects have in common is kept once', () => {
  const { store } = aStore();
  store.put(aWidget('one'));
  store.put(aWidget('two'));
  expect(store.get('a/two')?.spec).toEqual({ size: 1 });
  expect(store.get('a/two')?.spec).toBe(store.get('a/one')?.spec);
});
