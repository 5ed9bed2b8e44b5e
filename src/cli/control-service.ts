/**
 * `control-service`: the embedded Control Service alone, on a port of this machine, until it is told
 * to stop. Everything that VDK's own tools need to talk to it is printed.
 */
import { dirname, resolve } from 'node:path';
import { messageOf } from '../platform/errors.ts';
import type { HttpHandler } from '../platform/http.ts';
import { createLog } from '../platform/log.ts';
import { whenAborted } from '../platform/together.ts';
import { issuerPath } from '../sandbox/control-service/security/issuer.ts';
import {
  createControlService,
  type EmbeddedControlService,
} from '../sandbox/control-service/service.ts';
import { listen } from '../sandbox/listen.ts';
import { type Context, exitCodes } from './context.ts';
import type { controlServiceOptions } from './control-service-options.ts';
import { shorten } from './print.ts';
import type { SettingsOf } from './settings.ts';
import { UsageError } from './usage-error.ts';

type Settings = SettingsOf<typeof controlServiceOptions>;

/** Nobody but this machine. */
const host = '127.0.0.1';
/** 128 bits: nobody guesses it in the life of a process. */
const apiTokenBytes = 16;
/** Whom the printed API token stands for. */
const userName = 'developer';
/** The real builder is waited for half an hour: longer than anyone wants to watch a failure. */
const failedBuildWaitMs = 5_000;
/** Persistence DB: the real synchronizer pauses for a minute; what it does is the same. */
const synchronizerMs = 1_000;
/** A query of vdkcli is longer than any terminal is wide. */
const pathMaxChars = 160;
/** The state holds properties and secrets. */
const stateFileMode = 0o600;

export async function controlService(context: Context, settings: Settings): Promise<number> {
  const { process } = context;
  const apiToken = settings.auth ? context.random.hex(apiTokenBytes) : undefined;
  const service = await openService(context, settings, apiToken);
  try {
    const handler = settings.verbose ? printing(context, service.handler) : service.handler;
    const server = await listen({ handler, host, port: settings.port }, '--port');
    process.stdout.write(`${greeting(server.url, settings, apiToken).join('\n')}\n`);
    await whenAborted(process.stop);
    await server.close();
  } finally {
    service.close();
  }
  return exitCodes.done;
}

async function openService(
  { clock, random, files, process }: Context,
  settings: Settings,
  apiToken: string | undefined,
): Promise<EmbeddedControlService> {
  const file =
    settings.data === undefined ? undefined : resolve(process.workingDirectory, settings.data);
  try {
    if (file !== undefined && (await files.kindOf(file)) === undefined) {
      await files.makeFolder(dirname(file));
      // Made before the database is, so that it is nobody else's to read.
      await files.writeText(file, '', stateFileMode);
    }
    return createControlService({
      clock,
      random,
      log: createLog('error'),
      ...(file === undefined ? {} : { databaseFile: file }),
      persistence: settings.persistence,
      deployTimeMs: settings.deployTime,
      // A build that outlasts the wait would count as failed.
      builderWaitMs: Math.max(failedBuildWaitMs, settings.deployTime),
      failDeployments: settings.failDeployments ?? '',
      synchronizerStartMs: synchronizerMs,
      synchronizerIntervalMs: synchronizerMs,
      runTimeMs: settings.runTime,
      latencyMs: settings.latency,
      faultRate: settings.faultRate,
      secrets: settings.secrets ? 'on' : 'off',
      ...(apiToken === undefined ? {} : { security: { apiTokens: { [apiToken]: userName } } }),
    });
  } catch (error) {
    if (file === undefined) throw error;
    throw new UsageError(
      `${file} cannot be used for the state (${messageOf(error)}): choose another file with --data.`,
    );
  }
}

function printing({ clock, process }: Context, handler: HttpHandler): HttpHandler {
  return async (request) => {
    const startedMs = clock.elapsed();
    const response = await handler(request);
    const { pathname, search } = new URL(request.url);
    const path = shorten(`${pathname}${search}`, pathMaxChars);
    const time = new Date(clock.now()).toISOString().slice(11, 23);
    const took = `${Math.round(clock.elapsed() - startedMs)} ms`;
    process.stdout.write(`${time}  ${response.status}  ${request.method} ${path}  ${took}\n`);
    return response;
  };
}

function greeting(url: string, settings: Settings, apiToken: string | undefined) {
  const { persistence, auth, data, secrets } = settings;
  const state = data === undefined ? 'state in memory' : `state in ${data}`;
  const facts = [`persistence ${persistence}`, `security ${auth ? 'on' : 'off'}`, state];
  return [
    `Control Service  ${url}`,
    `  ${[...facts, ...(secrets ? [] : ['no secrets'])].join(', ')}`,
    ...(apiToken === undefined ? [] : tokenLines(url, apiToken)),
    '',
    'Try this in a second terminal:',
    '',
    `  export VDK_CONTROL_SERVICE_REST_API_URL=${url}`,
    ...(apiToken === undefined ? [] : loginLines(url, apiToken)),
    '  vdkcli create -n hello-job -t my-team --cloud      # pip install vdk-control-cli',
    '  vdkcli show -n hello-job -t my-team',
    ...(apiToken === undefined ? [`  curl "${url}/data-jobs/for-team/my-team/info"`] : []),
    '',
    data === undefined
      ? 'Ctrl-C ends the service, and with it all its state.'
      : `Ctrl-C ends the service; its state stays in ${data}.`,
  ];
}

function tokenLines(url: string, apiToken: string) {
  return [
    `Issuer           ${url}${issuerPath}`,
    `API token        ${apiToken}  (user "${userName}", good until the service ends)`,
  ];
}

function loginLines(url: string, apiToken: string) {
  return [
    '  export OAUTHLIB_INSECURE_TRANSPORT=1      # vdkcli: the issuer has no https',
    `  vdkcli login -t api-token -a ${apiToken} -u ${url}${issuerPath}/token`,
  ];
}
