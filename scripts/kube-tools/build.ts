/**
 * Brings a real kube-apiserver, kube-controller-manager, etcd, kubectl and helm to a machine that has
 * Go and its module proxy, and prints the folder that holds them: what KUBEBUILDER_ASSETS wants.
 * They are built from the modules that go.mod pins, once: the folder is named after all that went
 * into it, appears complete or not at all, and later calls only print its name.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Program to the package it is built from. */
const programs = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  helm: 'helm.sh/helm/v4/cmd/helm',
} as const;

/** Without what only debuggers read. */
const linkerFlags = '-s -w';

/** Somebody else who builds needs minutes; a second is soon enough to see that it is done. */
const lookEveryMs = 1_000;

const here = import.meta.dirname;

/** The folder with all programs, built when it is not there. */
export async function kubeTools(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const parent = env.KUBE_TOOLS_DIR || join(cache, 'datajob-operator', 'kube-tools');
  const folder = join(parent, digestOfInputs());
  if (existsSync(folder)) return folder;
  mkdirSync(parent, { recursive: true });
  const release = await lock(`${folder}.lock`);
  try {
    // Whoever waited finds the work done.
    if (!existsSync(folder)) build(folder);
  } finally {
    release();
  }
  return folder;
}

function digestOfInputs(): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.platform, process.arch, programs, linkerFlags]));
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(here, file)));
  return hash.digest('hex').slice(0, 16);
}

function build(folder: string): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true }); // left by a builder that was killed
  mkdirSync(unfinished);
  const ldflags = `${linkerFlags} ${versionVariables()}`;
  for (const [name, main] of Object.entries(programs)) {
    console.error(`kube-tools: building ${name}`);
    go('build', '-trimpath', '-ldflags', ldflags, '-o', join(unfinished, name), main);
  }
  renameSync(unfinished, folder);
}

/** Without them the programs would call themselves version 0.0.0. */
function versionVariables(): string {
  const kubernetes = versionOf('k8s.io/kubernetes');
  const [major = '', minor = ''] = kubernetes.replace(/^v/, '').split('.');
  const base = 'k8s.io/component-base/version';
  const variables = {
    [`${base}.gitVersion`]: kubernetes,
    [`${base}.gitMajor`]: major,
    [`${base}.gitMinor`]: minor,
    'helm.sh/helm/v4/internal/version.version': versionOf('helm.sh/helm/v4'),
  };
  return Object.entries(variables)
    .map(([name, value]) => `-X ${name}=${value}`)
    .join(' ');
}

function versionOf(module: string): string {
  return go('list', '-m', '-f', '{{.Version}}', module).trim();
}

function go(...args: readonly string[]): string {
  const { error, status, stdout } = spawnSync('go', args, {
    cwd: here,
    // Plain static programs, whatever compiler and workspace the machine has.
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined) {
    throw new Error(`Go cannot be started (${error.message}): install it from https://go.dev/dl.`);
  }
  if (status !== 0) {
    throw new Error(`go ${args[0]} failed (${status}); what it said is above.`);
  }
  return stdout;
}

/**
 * One builder at a time, since each takes all cores for minutes. The lock only saves work: were two
 * to build at once, one of them would find the other's folder in place.
 */
async function lock(file: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!isAlive(readOrEmpty(file))) rmSync(file, { force: true });
    else await sleep(lookEveryMs);
  }
}

function isAlive(pid: string): boolean {
  // The moment between making the file and writing into it.
  if (pid === '') return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) {
  try {
    console.log(await kubeTools());
  } catch (error) {
    console.error(`kube-tools: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
