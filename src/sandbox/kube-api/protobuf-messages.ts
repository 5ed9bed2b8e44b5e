/** The field numbers of the kinds that kubectl sends in its binary form, as their API defines them. */
import type { Message } from './protobuf.ts';

const owner: Message = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'bool'],
  7: ['blockOwnerDeletion', 'bool'],
};

const metadata: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  8: ['creationTimestamp', 'time'],
  11: ['labels', 'stringMap'],
  12: ['annotations', 'stringMap'],
  13: ['ownerReferences', 'list', owner],
  14: ['finalizers', 'strings'],
};

const accessReviewSpec: Message = {
  1: [
    'resourceAttributes',
    {
      1: ['namespace', 'string'],
      2: ['verb', 'string'],
      3: ['group', 'string'],
      4: ['version', 'string'],
      5: ['resource', 'string'],
      6: ['subresource', 'string'],
      7: ['name', 'string'],
    },
  ],
  2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
};

const policyRule: Message = {
  1: ['verbs', 'strings'],
  2: ['apiGroups', 'strings'],
  3: ['resources', 'strings'],
  4: ['resourceNames', 'strings'],
  5: ['nonResourceURLs', 'strings'],
};

const subject: Message = {
  1: ['kind', 'string'],
  2: ['apiGroup', 'string'],
  3: ['name', 'string'],
  4: ['namespace', 'string'],
};

const roleRef: Message = {
  1: ['apiGroup', 'string'],
  2: ['kind', 'string'],
  3: ['name', 'string'],
};

const role: Message = { 1: ['metadata', metadata], 2: ['rules', 'list', policyRule] };
const binding: Message = {
  1: ['metadata', metadata],
  2: ['subjects', 'list', subject],
  3: ['roleRef', roleRef],
};

const byKind: Readonly<Record<string, Message>> = {
  ConfigMap: {
    1: ['metadata', metadata],
    2: ['data', 'stringMap'],
    3: ['binaryData', 'bytesMap'],
    4: ['immutable', 'bool'],
  },
  Secret: {
    1: ['metadata', metadata],
    2: ['data', 'bytesMap'],
    3: ['type', 'string'],
    4: ['stringData', 'stringMap'],
    5: ['immutable', 'bool'],
  },
  Namespace: { 1: ['metadata', metadata] },
  ServiceAccount: { 1: ['metadata', metadata] },
  Lease: {
    1: ['metadata', metadata],
    2: [
      'spec',
      {
        1: ['holderIdentity', 'string'],
        2: ['leaseDurationSeconds', 'int'],
        3: ['acquireTime', 'microTime'],
        4: ['renewTime', 'microTime'],
        5: ['leaseTransitions', 'int'],
      },
    ],
  },
  SelfSubjectAccessReview: { 1: ['metadata', metadata], 2: ['spec', accessReviewSpec] },
  SelfSubjectRulesReview: {
    1: ['metadata', metadata],
    2: ['spec', { 1: ['namespace', 'string'] }],
  },
  SelfSubjectReview: { 1: ['metadata', metadata] },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'int'],
    2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
    3: ['orphanDependents', 'bool'],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', 'strings'],
  },
};

export function messageOf(kind: string): Message | undefined {
  return Object.hasOwn(byKind, kind) ? byKind[kind] : undefined;
}
