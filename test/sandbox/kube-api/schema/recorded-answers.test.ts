/**
 * What a kube-apiserver 1.37 answered for one kind that uses every part of a schema. The real one
 * walks Go maps, so the order of its errors means nothing and is not compared.
 */

import { expect, test } from 'vitest';
import { applyDefaults } from '../../../../src/sandbox/kube-api/schema/defaults.ts';
import type { FieldError } from '../../../../src/sandbox/kube-api/schema/field-error.ts';
import { prune } from '../../../../src/sandbox/kube-api/schema/prune.ts';
import { validate } from '../../../../src/sandbox/kube-api/schema/validate.ts';
import recorded from './recorded-answers.json' with { type: 'json' };

interface Recorded {
  readonly name: string;
  readonly why: string;
  readonly spec: unknown;
  readonly old?: unknown;
  readonly accepted?: unknown;
  readonly unknown?: readonly string[];
  readonly causes?: readonly FieldError[];
}

// JSON files are typed by their first shape; the interface above is what the recorder writes.
const cases = [...recorded.creations, ...recorded.updates] as unknown as readonly Recorded[];
const { schema } = recorded;

test.each(cases)('the server and the sandbox say the same about $name', (recordedCase) => {
  const { spec, old, why } = recordedCase;
  const { value, dropped } = prune(schema, applyDefaults(schema, aWidget(spec)));
  const answer = () => {
    if (dropped.length > 0) return { unknown: dropped };
    const stored = old === undefined ? undefined : applyDefaults(schema, aWidget(old));
    const causes = validate(schema, value, stored);
    return causes.length > 0 ? { causes } : { accepted: (value as { spec: unknown }).spec };
  };
  const { accepted, unknown, causes } = recordedCase;
  if (causes) expect(bySort(answer().causes ?? []), why).toEqual(bySort(causes));
  else expect(answer(), why).toEqual(unknown ? { unknown } : { accepted });
});

function aWidget(spec: unknown) {
  return { apiVersion: 'example.test/v1', kind: 'Widget', metadata: { name: 'rec' }, spec };
}

function bySort(causes: readonly FieldError[]): readonly string[] {
  return causes.map(({ field, reason, message }) => `${field} ${reason} ${message}`).sort();
}
