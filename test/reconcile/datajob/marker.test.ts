import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitDescription, withMarker } from '../../../src/reconcile/datajob/marker.ts';

const word = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const marker = fc.record({ clusterId: word, namespace: word, name: word, uid: word });

test('a marked description gives both parts back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), marker, (description, mark) => {
      expect(splitDescription(withMarker(description, mark))).toEqual({
        description,
        marker: mark,
      });
    }),
  );
});

test('a description that only talks about the operator has no marker', () => {
  const text = 'Loads orders.\nmanaged by datajob-operator: by hand';
  expect(splitDescription(text)).toEqual({ description: text });
});

test('a marker that is not the last line is somebody quoting it', () => {
  const mark = { clusterId: 'c', namespace: 'n', name: 'o', uid: 'u' };
  const text = `${withMarker('a', mark)}\nand more`;
  expect(splitDescription(text)).toEqual({ description: text });
});
