/** What a token may look like, wherever it came from. */
import { ControlServiceError } from '../errors.ts';

/** Visible ASCII: what a header can carry. A line break in it would become a header of its own. */
const headerSafe = /^[\x21-\x7e]+$/;

/** Without blanks around; throws a sentence that never shows the token. */
export function checkedToken(text: string, where: string): string {
  const token = text.trim();
  if (token === '') throw authenticationFailed(`${where} is empty`, 'put the token there');
  if (!headerSafe.test(token)) {
    throw authenticationFailed(
      `${where} holds blanks, line breaks or other characters that no token has`,
      'put the token alone there',
    );
  }
  return token;
}

export function authenticationFailed(why: string, advice: string): ControlServiceError {
  return new ControlServiceError(
    'terminal',
    'AuthenticationFailed',
    `${why}. What to do: ${advice}.`,
    { why },
  );
}
