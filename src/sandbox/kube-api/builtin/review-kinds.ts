/**
 * Questions about what the client may do and who it is: posted, answered, never stored. Everybody
 * who gets in here may do everything.
 */
import type { ApiObject } from '../json.ts';
import type { Kind } from '../kind.ts';
import { builtinKind } from './builtin-kind.ts';
import { anything, objectSchema } from './schema-words.ts';

/** How this server calls everybody, as an administrator's token would be called. */
const user = {
  username: 'admin',
  uid: 'admin',
  groups: ['system:masters', 'system:authenticated'],
};

const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const everyPath = { verbs: ['*'], nonResourceURLs: ['*'] };

export function reviewKinds(): readonly Kind[] {
  const authorization = 'authorization.k8s.io';
  return [
    review(authorization, 'SelfSubjectAccessReview', () => ({ allowed: true })),
    review(authorization, 'SubjectAccessReview', () => ({ allowed: true })),
    review(authorization, 'SelfSubjectRulesReview', () => ({
      resourceRules: [everything],
      nonResourceRules: [everyPath],
      incomplete: false,
    })),
    review('authentication.k8s.io', 'SelfSubjectReview', () => ({ userInfo: user })),
  ];
}

function review(group: string, kind: string, status: () => Record<string, unknown>): Kind {
  const questions = builtinKind({
    group,
    version: 'v1',
    plural: `${kind.toLowerCase()}s`,
    kind,
    clusterScoped: true,
    verbs: ['create'],
    schema: objectSchema('A question about access, answered in its status.', {
      spec: anything('The question.'),
      status: anything('The answer.'),
    }),
  });
  const evaluate = (asked: ApiObject): ApiObject => ({
    ...asked,
    ...(group === 'authentication.k8s.io' ? {} : { spec: asked.spec ?? {} }),
    status: status(),
  });
  return { ...questions, evaluate };
}
