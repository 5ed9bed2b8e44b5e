/** What the client needs to know about tokens; the kinds are beside this file. */

export interface Auth {
  /** The token to send, or undefined for none; refreshed before it expires. */
  token(signal: AbortSignal): Promise<string | undefined>;
  /** `refused` does not work (any more): another one, or undefined when there is no other. */
  renew(refused: string, signal: AbortSignal): Promise<string | undefined>;
  /** Everything that must never be shown. */
  secrets(): readonly string[];
}

/** For a service without security. */
export const noAuth: Auth = {
  token: async () => undefined,
  renew: async () => undefined,
  secrets: () => [],
};
