/** All kinds that are there without any definition. */
import type { Kind } from '../kind.ts';
import { configKinds } from './config-kinds.ts';
import { crdKind } from './crd-kind.ts';
import { eventKinds } from './event-kinds.ts';
import { leaseKind } from './lease-kind.ts';
import { namespaceKind } from './namespace-kind.ts';
import { reviewKinds } from './review-kinds.ts';
import { workloadKinds } from './workload-kinds.ts';

export function builtinKinds(): readonly Kind[] {
  return [
    ...configKinds(),
    namespaceKind(),
    leaseKind(),
    ...eventKinds(),
    crdKind(),
    ...reviewKinds(),
    ...workloadKinds(),
  ];
}
