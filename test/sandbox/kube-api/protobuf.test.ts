import { expect, test } from 'vitest';
import { decodeProtobuf } from '../../../src/sandbox/kube-api/protobuf.ts';
import { messageOf } from '../../../src/sandbox/kube-api/protobuf-messages.ts';

/** Bodies as kubectl 1.32 sent them. */
const sent = [
  {
    command: 'kubectl create namespace sales',
    base64: 'azhzAAoPCgJ2MRIJTmFtZXNwYWNlEh0KFQoFc2FsZXMSABoAIgAqADIAOABCABIAGgIKABoAIgA=',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sales' } },
  },
  {
    command: 'kubectl create configmap settings -n sales --from-literal=a=b --from-literal=c=d',
    base64:
      'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEi8KHQoIc2V0dGluZ3MSABoFc2FsZXMiACoAMgA4AEIAEgYKAWESAWISBgoBYxIBZBoAIgA=',
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'sales' },
      data: { a: 'b', c: 'd' },
    },
  },
  {
    command: 'kubectl create secret generic token --from-literal=k=v',
    base64: 'azhzAAoMCgJ2MRIGU2VjcmV0EiEKFQoFdG9rZW4SABoAIgAqADIAOABCABIGCgFrEgF2GgAaACIA',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'token' },
      data: { k: 'dg==' },
    },
  },
  {
    command: 'kubectl auth can-i get datajobs.versatiledatakit.io/job-a',
    base64:
      'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSWQoQCgASABoAIgAqADIAOABCABI7CjkKB2RlZmF1bHQSA2dldBoAIgAqHGRhdGFqb2JzLnZlcnNhdGlsZWRhdGFraXQuaW8yADoFam9iLWEaCAgAEgAaACAAGgAiAA==',
    object: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: {
        resourceAttributes: {
          namespace: 'default',
          verb: 'get',
          resource: 'datajobs.versatiledatakit.io',
          name: 'job-a',
        },
      },
    },
  },
];

test.each(sent)('what "$command" sends is read', ({ base64, object }) => {
  const value = decodeProtobuf(Buffer.from(base64, 'base64'), messageOf);
  expect(withoutTimes(value)).toEqual(object);
});

/** kubectl sends an empty creation time, which is read as no more than the start of time. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test.each([
  { name: 'another format', bytes: [1, 2, 3], says: 'expected prefix k8s' },
  {
    name: 'a message that is cut off',
    bytes: [0x6b, 0x38, 0x73, 0, 0x0a, 0x7f],
    says: 'cannot be read',
  },
  {
    name: 'a kind that nobody described',
    bytes: [0x6b, 0x38, 0x73, 0],
    says: 'send it as application/json',
  },
])('$name is refused', ({ bytes, says }) => {
  expect(() => decodeProtobuf(Uint8Array.from(bytes), messageOf)).toThrow(says);
});
