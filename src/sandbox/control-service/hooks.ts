/** What the world outside may say to a create or delete: nothing, until webhooks are configured. */
import type { Call } from './web/call.ts';
import type { ServiceFailure } from './web/failures.ts';

export interface Hooks {
  /** Throws the refusal. */
  postCreate(call: Call, jobName: string): Promise<void>;
  /** Returns the refusal: the caller has something to do first. */
  postDelete(call: Call, jobName: string): Promise<ServiceFailure | undefined>;
}

export const noHooks: Hooks = {
  postCreate: async () => {},
  postDelete: async () => undefined,
};
