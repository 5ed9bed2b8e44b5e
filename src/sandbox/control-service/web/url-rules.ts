/** URLs that the web server or the framework's firewall refuses before any operation sees them. */

/** Request line and headers together; the query of `jobsQuery` counts in. */
const headerMaxBytes = 8 * 1024;

/** `page`: an HTML page with 400. `error`: the framework's error body with 500. */
export function refusedUrl(request: Request, pathAndQuery: string): 'page' | 'error' | undefined {
  let size = request.method.length + pathAndQuery.length + ' HTTP/1.1\r\n'.length;
  for (const [name, value] of request.headers) size += name.length + value.length + 4;
  if (size > headerMaxBytes) return 'page';
  const path = pathAndQuery.replace(/\?.*$/s, '');
  if (/%2f|%5c|%(?![0-9a-f]{2})|\\/i.test(path)) return 'page';
  if (/;|%3b|%25|\/\/|%0[0-9a-f]|%1[0-9a-f]|%7f/i.test(path)) return 'error';
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) return 'error';
  try {
    decodeURIComponent(path);
    return undefined;
  } catch {
    return 'page';
  }
}
