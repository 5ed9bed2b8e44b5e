/** Both embedded servers, each behind a socket of the loopback address, with their state kept or not. */
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { messageOf, OperatorError } from '../platform/errors.ts';
import type { Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import { createControlService, type EmbeddedControlService } from './control-service/service.ts';
import { createServingCertificate } from './kube-api/certificate.ts';
import { createKubeApi, type EmbeddedKubeApi } from './kube-api/kube-api.ts';
import { listen } from './listen.ts';
import { createSavedState, readState } from './saved-state.ts';

export interface ServersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly log: Log;
  /** 0 = a free one. */
  readonly kubeApiPort: number;
  readonly controlServicePort: number;
  readonly deployTimeMs: number;
  /** Keeps the state of both servers. */
  readonly dataFolder?: string | undefined;
}

export interface RunningKubeApi {
  readonly api: EmbeddedKubeApi;
  readonly url: string;
  /** What clients must trust, PEM. */
  readonly ca: string;
  readonly token: string;
  /** There was a state in the data folder. */
  readonly continued: boolean;
  close(): Promise<void>;
}

export interface RunningControlService {
  readonly service: EmbeddedControlService;
  readonly url: string;
  close(): Promise<void>;
}

/** Nobody but this machine. */
const host = '127.0.0.1';
/** 256 bits: nobody guesses it. */
const tokenBytes = 32;

export async function startKubeApi(options: ServersOptions): Promise<RunningKubeApi> {
  const { clock, random, log, files, dataFolder } = options;
  if (dataFolder !== undefined) await makeDataFolder(files, dataFolder);
  const token = random.hex(tokenBytes);
  const { key, cert } = await createServingCertificate();
  const api = createKubeApi({ clock, random, log, token });
  const state = dataFolder === undefined ? undefined : await readState(files, dataFolder);
  if (state !== undefined) api.restore(state);
  const saved =
    dataFolder === undefined
      ? undefined
      : createSavedState({ files, clock, log, folder: dataFolder, snapshot: api.snapshot });
  const server = await listen(
    {
      handler: saved === undefined ? api.handler : saved.watching(api.handler),
      host,
      port: options.kubeApiPort,
      tls: { key, cert },
    },
    '--kube-api-port',
  );
  return {
    api,
    url: server.url,
    ca: cert,
    token,
    continued: state !== undefined,
    async close() {
      api.close();
      await server.close();
      await saved?.close();
    },
  };
}

export async function startControlService(options: ServersOptions): Promise<RunningControlService> {
  const { clock, random, log, dataFolder, deployTimeMs } = options;
  const service = createControlService({
    clock,
    random,
    log,
    deployTimeMs,
    ...(dataFolder === undefined
      ? {}
      : { databaseFile: join(dataFolder, 'control-service.sqlite') }),
  });
  try {
    const { handler } = service;
    const server = await listen(
      { handler, host, port: options.controlServicePort },
      '--control-service-port',
    );
    return {
      service,
      url: server.url,
      async close() {
        await server.close();
        service.close();
      },
    };
  } catch (error) {
    service.close();
    throw error;
  }
}

async function makeDataFolder(files: Files, folder: string): Promise<void> {
  try {
    await files.makeFolder(folder);
  } catch (error) {
    throw new OperatorError(
      'terminal',
      'InvalidState',
      `${folder} cannot be used as a folder for the state (${messageOf(error)}): choose another with --data.`,
    );
  }
}
