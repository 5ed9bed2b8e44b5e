/**
 * k3s in a container, for machines with a container engine and no other API server. What it needs is
 * a package of its own beside this file, installed when it is first needed: 174 packages of 48 MB
 * are too much for everybody else.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from './programs.ts';

export interface K3s {
  readonly kubeconfigFile: string;
  close(): Promise<void>;
}

/** What is used of @testcontainers/k3s. */
interface K3sModule {
  readonly K3sContainer: new (image: string) => { start(): Promise<StartedK3s> };
}

interface StartedK3s {
  getKubeConfig(): string;
  stop(): Promise<unknown>;
}

const image = 'rancher/k3s:v1.33.1-k3s1';
const packageFolder = join(projectFolder, 'test/cluster/k3s');

export async function startK3s(): Promise<K3s> {
  const { K3sContainer } = await loadModule();
  const started = await new K3sContainer(image).start();
  const folder = mkdtempSync(join(tmpdir(), 'datajob-operator-k3s-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  writeFileSync(kubeconfigFile, started.getKubeConfig(), { mode: 0o600 });
  return {
    kubeconfigFile,
    async close() {
      await started.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function loadModule(): Promise<K3sModule> {
  // Some of the packages would compile something when installed; it works without.
  const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', install, { cwd: packageFolder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ci in test/cluster/k3s failed: ${stderr.trim()}`);
  const { resolve } = createRequire(join(packageFolder, 'package.json'));
  return await import(pathToFileURL(resolve('@testcontainers/k3s')).href);
}
