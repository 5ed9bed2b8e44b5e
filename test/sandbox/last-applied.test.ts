import { expect, test } from 'vitest';
import { withLastApplied } from '../../src/sandbox/last-applied.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

test('the note is the manifest as kubectl writes it: sorted, escaped for HTML, with a line end', () => {
  const manifest = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'sources', namespace: 'sales' },
    data: { b: 'x < y && z > 1', a: '1' },
  };
  expect(withLastApplied(manifest).metadata).toEqual({
    name: 'sources',
    namespace: 'sales',
    annotations: {
      [annotation]:
        '{"apiVersion":"v1","data":{"a":"1","b":"x \\u003c y \\u0026\\u0026 z \\u003e 1"},' +
        '"kind":"ConfigMap","metadata":{"annotations":{},"name":"sources","namespace":"sales"}}\n',
    },
  });
});

test('a note that the manifest brought along does not nest', () => {
  const once = withLastApplied({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
  expect(withLastApplied(once)).toEqual(once);
});
