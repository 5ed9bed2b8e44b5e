/** One token that somebody set: nothing to refresh. */
import type { Auth } from './auth.ts';
import { checkedToken } from './token.ts';

export function bearerAuth(token: string): Auth {
  const checked = checkedToken(token, 'the bearer token');
  return {
    token: async () => checked,
    renew: async () => undefined,
    secrets: () => [checked],
  };
}
