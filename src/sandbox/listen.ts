/** A socket of this machine for a server, apart from the servers: each of them can be started alone. */
import { OperatorError } from '../platform/errors.ts';
import { type HttpServer, type ServeOptions, serveHttp } from '../platform/serve.ts';

/** Listens, or says in one sentence why the port that `flag` names cannot be had. */
export async function listen(options: ServeOptions, flag: string): Promise<HttpServer> {
  try {
    return await serveHttp(options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be used by this account' : 'is in use already';
    throw new OperatorError(
      'terminal',
      'PortTaken',
      `Port ${options.port} ${why}: choose another with ${flag} (0 takes a free one).`,
    );
  }
}
