/**
 * etcd and kube-apiserver as processes of the test, on free ports of the loopback address. There is
 * no kubelet, so no pod ever runs; of the controllers only those run that are asked for.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createServingCertificate } from '../../src/sandbox/kube-api/certificate.ts';
import { kubeconfigFor } from '../../src/sandbox/kube-api/kubeconfig.ts';
import { eventually, freePort, type Program, startProgram, stopProgram } from './programs.ts';

export interface OwnServerOptions {
  /** With kube-apiserver and etcd, and kube-controller-manager for who asks for controllers. */
  readonly assets: string;
  /** For data, keys and logs: the caller's to remove. */
  readonly folder: string;
  /** Garbage collection, deletion of namespaces, the default account of new namespaces. */
  readonly controllers?: boolean | undefined;
  /** More for kube-apiserver. */
  readonly args?: readonly string[] | undefined;
}

export interface OwnServer {
  readonly kubeconfigFile: string;
  readonly etcdUrl: string;
  /** Who asked for what, as JSON lines: the server's own record. */
  readonly auditFile: string;
  /** Resident memory is read by process id. */
  readonly pid: () => number;
  /** The API server alone; its data stay where they are. */
  stopApiServer(signal: NodeJS.Signals): Promise<void>;
  startApiServer(): Promise<void>;
  close(): Promise<void>;
}

/** Two cores that others use too may need long; this only ends a start that never ends. */
const readyWithinMs = 90_000;
/** One clash with another program over a free port is bad luck, three are not. */
const startsMax = 3;

const controllers = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
];

/** Who asked for what and was let in or not; bodies are nobody's business. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'], // a watch is seen when it begins
  omitManagedFields: true,
  rules: [
    { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager'] },
    { level: 'Metadata' },
  ],
};

export async function startOwnServer(options: OwnServerOptions): Promise<OwnServer> {
  const { assets, folder, args = [] } = options;
  const files = await writeFiles(folder);
  const etcd = await startEtcd(assets, folder);
  const running: { apiServer?: Program; manager?: Program } = {};
  const close = async () => {
    await stopProgram(running.manager);
    await stopProgram(running.apiServer);
    await stopProgram(etcd.program);
  };
  try {
    const started = await startApiServer(assets, files, etcd.url, args, undefined);
    running.apiServer = started.program;
    writeFileSync(files.kubeconfig, kubeconfigFor({ ...files, url: started.url }), { mode: 0o600 });
    if (options.controllers) running.manager = startManager(assets, files);
    return {
      kubeconfigFile: files.kubeconfig,
      etcdUrl: etcd.url,
      auditFile: files.audit,
      pid: () => running.apiServer?.pid ?? 0,
      async stopApiServer(signal) {
        running.apiServer?.kill(signal);
        await running.apiServer?.ended;
      },
      async startApiServer() {
        const port = Number(new URL(started.url).port);
        running.apiServer = (await startApiServer(assets, files, etcd.url, args, port)).program;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Files = Awaited<ReturnType<typeof writeFiles>>;

async function writeFiles(folder: string) {
  mkdirSync(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text, { mode: 0o600 });
    return path(name);
  };
  const { key, cert } = await createServingCertificate();
  const account = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const token = randomBytes(24).toString('hex');
  return {
    ca: cert,
    token,
    cert: write('server.crt', cert),
    key: write('server.key', key),
    accountKey: write('accounts.key', account.privateKey),
    accountPublicKey: write('accounts.pub', account.publicKey),
    tokens: write('tokens.csv', `${token},admin,admin,"system:masters"\n`),
    auditPolicy: write('audit-policy.json', JSON.stringify(auditPolicy)),
    audit: path('audit.jsonl'),
    kubeconfig: path('kubeconfig'),
  };
}

async function startEtcd(assets: string, folder: string) {
  return await startedOnce(async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const program = startProgram(join(assets, 'etcd'), [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=http://127.0.0.1:${await freePort()}`,
      '--unsafe-no-fsync', // a test's data need not survive the machine
      '--log-level=error',
    ]);
    return { url, program, isReady: async () => (await statusOf(`${url}/health`)) === 200 };
  });
}

async function startApiServer(
  assets: string,
  files: Files,
  etcdUrl: string,
  args: readonly string[],
  fixedPort: number | undefined,
) {
  return await startedOnce(async () => {
    const port = fixedPort ?? (await freePort());
    const url = `https://127.0.0.1:${port}`;
    const program = startProgram(join(assets, 'kube-apiserver'), [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${files.cert}`,
      `--tls-private-key-file=${files.key}`,
      `--token-auth-file=${files.tokens}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${files.accountKey}`,
      `--service-account-key-file=${files.accountPublicKey}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      `--audit-policy-file=${files.auditPolicy}`,
      `--audit-log-path=${files.audit}`,
      '--disable-admission-plugins=ServiceAccount', // it waits for a controller that need not run
      ...args,
    ]);
    const get = (path: string) => statusOfTls(`${url}${path}`, files);
    const isReady = async () =>
      (await get('/readyz')) === 200 &&
      (await get('/api/v1/namespaces/kube-system')) === 200 &&
      (await get('/api/v1/namespaces/default')) === 200;
    return { url, program, isReady };
  });
}

function startManager(assets: string, files: Files): Program {
  const path = join(assets, 'kube-controller-manager');
  if (!existsSync(path)) throw new Error(`${path} is not there, and controllers were asked for`);
  return startProgram(path, [
    `--kubeconfig=${files.kubeconfig}`,
    `--controllers=${controllers.join(',')}`,
    `--service-account-private-key-file=${files.accountKey}`,
    '--leader-elect=false',
    '--secure-port=0',
  ]);
}

interface Starting {
  readonly url: string;
  readonly program: Program;
  isReady(): Promise<boolean>;
}

/** Waits until it is ready; another try when it ended before, since its port may have been taken. */
async function startedOnce(start: () => Promise<Starting>): Promise<Starting> {
  for (let attempt = 1; ; attempt += 1) {
    const starting = await start();
    const { program } = starting;
    const isUp = await eventually(
      async () => program.hasEnded || (await starting.isReady()),
      readyWithinMs,
    );
    if (isUp && !program.hasEnded) return starting;
    await stopProgram(program);
    if (!isUp || attempt === startsMax) {
      throw new Error(`not ready within ${readyWithinMs / 1000} s:\n${program.output()}`);
    }
  }
}

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

async function statusOfTls(url: string, { ca, token }: Files): Promise<number> {
  return await new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request(url, { ca, headers, agent: false, timeout: 5_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end();
  });
}
