/**
 * Downloads that are never held as a whole: the source of a job, and the log of a run. The call is
 * made as any other; its answer is handed on as it comes, for as long as the caller's signal lets it.
 */
import type { HttpResponse } from '../platform/http.ts';
import { type CallContext, readAnswer } from './answer.ts';
import { type CallOptions, type ControlServiceClientOptions, createCall } from './call.ts';
import type { ArgumentsOf } from './contract.ts';
import { logTextOf } from './log-text.ts';

export interface ControlServiceStreams {
  /** The zip of the newest sources. */
  dataJobSourcesDownload(
    args: ArgumentsOf<'dataJobSourcesDownload'>,
    options?: CallOptions,
  ): Promise<Download>;
  /** The log's text in pieces; the service itself has read it as a whole before it answers. */
  dataJobLogsDownload(
    args: ArgumentsOf<'dataJobLogsDownload'>,
    options?: CallOptions,
  ): Promise<AsyncIterable<string>>;
}

export interface Download {
  /** Must be read to its end or left by `break`. Throws when the connection breaks. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As the service announced it. */
  readonly sizeBytes: number | undefined;
}

export function createControlServiceStreams(
  options: ControlServiceClientOptions,
): ControlServiceStreams {
  const call = createCall(options);
  return {
    dataJobSourcesDownload: (args, callOptions = {}) =>
      call('dataJobSourcesDownload', args, callOptions, async (response, context) => {
        await refuseNoStream(response, context);
        const announced = response.headers.get('content-length');
        return {
          bytes: until(callOptions.signal, response.body),
          sizeBytes: announced === undefined ? undefined : Number(announced),
        };
      }),
    dataJobLogsDownload: (args, callOptions = {}) =>
      call('dataJobLogsDownload', args, callOptions, async (response, context) => {
        await refuseNoStream(response, context);
        return logTextOf(until(callOptions.signal, response.body));
      }),
  };
}

/** What is no success, or cannot be one, is judged as in any other call. */
async function refuseNoStream(response: HttpResponse, context: CallContext): Promise<void> {
  const isEmpty = response.headers.get('content-length') === '0';
  const isPage = response.headers.get('content-type')?.includes('html') ?? false;
  if (response.status !== 200 || isEmpty || isPage) await readAnswer(response, context);
}

async function* until(
  signal: AbortSignal | undefined,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
