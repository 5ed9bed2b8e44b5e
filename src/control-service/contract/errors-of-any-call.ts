/**
 * Answers that have nothing to do with what an operation does: from the web server, the framework,
 * the security layer and the systems behind the service. The service's own document has none of
 * them; ours names them for every operation that can meet them.
 */
import type { ErrorAnswer, Operation } from './operation.ts';

export interface AnswerOfAnyCall {
  readonly status: number;
  readonly body: ErrorAnswer['body'] | 'page';
  readonly when: string;
}

export function answersOfAnyCall(operation: Operation): readonly AnswerOfAnyCall[] {
  return [
    {
      status: 400,
      body: 'page',
      when: 'the web server refuses the address (an encoded / or \\) or more than 8 KB of headers',
    },
    ...(operation.open ? [] : security),
    { status: 406, body: 'empty', when: 'the caller does not take JSON' },
    ...(operation.request === undefined ? [] : [wrongType]),
    ...(operation.path.includes('{') ? [oddAddress] : []),
    { status: 503, body: 'fourField', when: 'a system behind the service is out of reach' },
  ];
}

const security: readonly AnswerOfAnyCall[] = [
  { status: 401, body: 'empty', when: 'security is on and the token is missing or no good' },
  { status: 403, body: 'empty', when: 'security is on and the token lacks a role' },
];

const wrongType: AnswerOfAnyCall = {
  status: 415,
  body: 'framework',
  when: 'the body has another content type',
};

const oddAddress: AnswerOfAnyCall = {
  status: 500,
  body: 'framework',
  when: 'the path holds ; or an encoded %, or // as an empty name makes it',
};
