/** Error answers that several operations share. */
import type { ErrorAnswer } from './operation.ts';

const notInDocument = 'seen on the running service; its document does not list it';

export const noSuchJob: ErrorAnswer = {
  status: 404,
  body: 'empty',
  when: 'the team has no such job',
};

/** The same where the service's document forgets it. */
export const noSuchJobUndocumented: ErrorAnswer = { ...noSuchJob, undocumented: notInDocument };

export const badBody: ErrorAnswer = {
  status: 400,
  body: 'fourField',
  when: 'the body is missing, is no JSON or has a member of a wrong type',
};

export function undocumented(
  status: number,
  body: ErrorAnswer['body'],
  when: string,
  reason = notInDocument,
): ErrorAnswer {
  return { status, body, when, undocumented: reason };
}

/** What the service's code does not expect, and answers 500 every time it is sent. */
export function trap(when: string): ErrorAnswer {
  return undocumented(500, 'fourField', when);
}

/** Statuses in the document that no call was ever seen to cause. */
export function neverSent(reason: string, ...statuses: readonly number[]) {
  return statuses.map((status) => ({ status, reason }));
}
