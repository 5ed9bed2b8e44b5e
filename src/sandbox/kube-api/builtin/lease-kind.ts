/** Lease: what leader election writes. */
import { asMap } from '../json.ts';
import type { Kind } from '../kind.ts';
import { invalid } from '../schema/field-error.ts';
import { builtinKind } from './builtin-kind.ts';
import { fields, objectSchema, text, time, whole } from './schema-words.ts';

export function leaseKind(): Kind {
  return builtinKind({
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    kind: 'Lease',
    emptyObject: { spec: {} },
    shown: (lease) => ({ ...lease, spec: lease.spec ?? {} }),
    unconditionalUpdate: false,
    createOnUpdate: true,
    schema: objectSchema('Says who leads, and until when.', {
      spec: fields('Who holds the lease.', {
        holderIdentity: text('Who holds it.'),
        leaseDurationSeconds: whole('Seconds after renewTime at which it is up.'),
        acquireTime: time('When the holder took it.'),
        renewTime: time('When the holder last renewed it.'),
        leaseTransitions: whole('How often it changed hands.'),
        strategy: text('How holders agree on the next one.'),
        preferredHolder: text('Who should take it next.'),
      }),
    }),
    validate(next) {
      const { leaseDurationSeconds, leaseTransitions } = asMap(next.spec);
      return [
        ...(typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0
          ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
          : []),
        ...(typeof leaseTransitions === 'number' && leaseTransitions < 0
          ? [
              invalid(
                'spec.leaseTransitions',
                leaseTransitions,
                'must be greater than or equal to 0',
              ),
            ]
          : []),
      ];
    },
  });
}
