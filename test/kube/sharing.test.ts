import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSharing } from '../../src/kube/sharing.ts';

/** As it comes from the network: nothing in it is shared with anything. */
function fresh<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

test('nothing is other than before', () => {
  const share = createSharing();
  fc.assert(
    fc.property(fc.object({ withNullPrototype: false }), (value) => {
      const given = fresh(value);
      expect(share(fresh(given))).toEqual(given);
    }),
  );
});

test('what two objects have in common is there once', () => {
  const share = createSharing();
  const anObject = (name: string) => ({
    metadata: { name, finalizers: ['one'] },
    spec: { contacts: { onDeploy: [], onSuccess: [] } },
    status: { conditions: [{ type: 'Ready', message: 'All is well.' }, { type: 'Stalled' }] },
  });
  const [a, b] = [share(fresh(anObject('a'))), share(fresh(anObject('b')))];
  expect(b).toEqual(anObject('b'));
  expect(b.metadata.finalizers).toBe(a.metadata.finalizers);
  expect(b.spec.contacts.onDeploy).toBe(a.spec.contacts.onSuccess);
  expect(b.status.conditions[0]).toBe(a.status.conditions[0]);
});

test('what is common stays shared among many objects that have much of their own', () => {
  const share = createSharing();
  const distinct = new Set<unknown>();
  for (let index = 0; index < 20_000; index += 1) {
    const own = fresh({ name: `object-${index}`, uid: { id: index }, common: { says: 'hello' } });
    distinct.add(share(own).common);
  }
  expect(distinct.size).toBeLessThan(20);
});
