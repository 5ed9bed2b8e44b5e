/**
 * `tokenFile` of a kubeconfig's users, which the library does not know: it is put the way in which
 * the library knows the token of a pod, and so is read again when the file may have changed. Pure.
 */
import { resolve } from 'node:path';
import { load } from 'js-yaml';

/** A kubeconfig's text; relative paths are those of its own folder, as kubectl sees them. */
export function withTokenFiles(text: string, folder: string): string {
  if (!text.includes('tokenFile')) return text;
  const config = parsed(text);
  if (!isObject(config) || !Array.isArray(config.users)) return text;
  const users = config.users.map((each: unknown) =>
    isObject(each) && isObject(each.user) ? { ...each, user: userWith(each.user, folder) } : each,
  );
  return JSON.stringify({ ...config, users });
}

type Fields = Readonly<Record<string, unknown>>;

/** The file goes before a token that is written beside it: that one is older. */
function userWith({ tokenFile, token, ...rest }: Fields, folder: string): Fields {
  if (typeof tokenFile !== 'string' || tokenFile === '') return { ...rest, token };
  const config = { tokenFile: resolve(folder, tokenFile) };
  return { ...rest, 'auth-provider': { name: 'tokenFile', config } };
}

/** undefined where it is no YAML: the library says so in a better place. */
function parsed(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
