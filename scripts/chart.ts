/**
 * Renders `deploy/manifests/install.yaml` from the Helm chart, for who installs with kubectl alone.
 * Needs helm: on PATH, or beside the API server in the folder KUBEBUILDER_ASSETS. The file begins
 * with a digest of all it was made from, so that a machine without helm notices when it is old.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const chart = join(root, 'deploy/helm/datajob-operator');
const manifests = join(root, 'deploy/manifests');
export const installFile = join(manifests, 'install.yaml');

/** What `helm template` is told beside the values. */
const release = { name: 'datajob-operator', namespace: 'datajob-operator' };

/** The chart does not make its namespace, and kubectl has nobody else to do it. */
const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: ${release.namespace}
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/** The whole file, as it is to be; `helm` is the program. */
export function renderInstall(helm: string): string {
  const args = ['template', release.name, chart, `--namespace=${release.namespace}`];
  args.push(`--values=${join(manifests, 'values.yaml')}`, '--kube-version=1.30.0');
  const { error, status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${helm} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`helm template failed:\n${stderr}`);
  const note =
    '# Made by "npm run chart" from deploy/helm/datajob-operator and values.yaml beside this file.\n';
  return `${note}# Made from: ${digestOfChart()}\n---\n${namespace}${stdout}`;
}

/** Of every file that goes into the rendering. */
export function digestOfChart(): string {
  const hash = createHash('sha256').update(JSON.stringify(release)).update(namespace);
  const files = readdirSync(chart, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...files, join(manifests, 'values.yaml')]) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function findHelm(): string {
  const beside = join(process.env.KUBEBUILDER_ASSETS ?? '', 'helm');
  return existsSync(beside) ? beside : 'helm';
}

if (import.meta.main) {
  writeFileSync(installFile, renderInstall(findHelm()));
  console.log(`wrote ${installFile.slice(root.length + 1)}`);
}
