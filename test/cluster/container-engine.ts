/** Whether a container engine runs on this machine: looked for where testcontainers looks. */
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type Engine =
  | { readonly kind: 'running'; readonly address: string }
  /** All addresses that did not answer. */
  | { readonly kind: 'none'; readonly lookedAt: readonly string[] };

/** An engine on this machine answers at once, or is not well. */
const answerWithinMs = 2_000;

export async function findContainerEngine(env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  const addresses = addressesOf(env);
  for (const address of addresses) {
    if (await answers(address)) return { kind: 'running', address };
  }
  return { kind: 'none', lookedAt: addresses };
}

function addressesOf({ DOCKER_HOST: host, XDG_RUNTIME_DIR: runtime }: NodeJS.ProcessEnv) {
  if (host) return [host];
  const home = homedir();
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
  ];
  return sockets.map((path) => `unix://${path}`);
}

/** Every engine with Docker's API answers this without being asked who one is. */
async function answers(address: string): Promise<boolean> {
  if (!URL.canParse(address)) return false;
  const { protocol, pathname, hostname, port } = new URL(address);
  const place = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port };
  if (!['unix:', 'tcp:', 'http:'].includes(protocol)) return false;
  return await new Promise((resolve) => {
    const ping = request({ ...place, path: '/_ping', timeout: answerWithinMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.on('close', () => resolve(false));
    ping.end();
  });
}
