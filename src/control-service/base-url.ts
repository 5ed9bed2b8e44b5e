/** The address of a Control Service, checked once so that every later error is about something else. */
import { OperatorError } from '../platform/errors.ts';

/** Without a slash at its end; throws a terminal error that says what is wrong with it. */
export function parseBaseUrl(text: string): string {
  const wrong = wrongWithBaseUrl(text);
  if (wrong !== undefined) throw new OperatorError('terminal', 'InvalidConfiguration', wrong);
  return text.trim().replace(/\/+$/, '');
}

/** One sentence, or undefined when the address is good. Never repeats the address: it may hold a password. */
export function wrongWithBaseUrl(text: string): string | undefined {
  const subject = 'the address of the Control Service';
  if (!URL.canParse(text.trim())) {
    return `${subject} is no URL; write it as https://host:port`;
  }
  const url = new URL(text.trim());
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `${subject} must begin with http:// or https://`;
  }
  if (url.username !== '' || url.password !== '') {
    return `${subject} may not hold a user or a password; set up a token instead`;
  }
  if (url.search !== '' || url.hash !== '') return `${subject} may not hold ? or #`;
  if (/\/data-jobs\/?$/.test(url.pathname)) {
    return `${subject} is needed without /data-jobs at its end`;
  }
  return undefined;
}
