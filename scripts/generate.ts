/**
 * Writes the files that are made from the sources: the CRDs, and the page of the operations. With
 * --check it writes nothing and exits with 1 where a file differs from what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import { dataJobCrd } from '../src/api/crd.ts';
import { operationsPage } from './operations-page.ts';

/** File, relative to the root of the repository, to its text. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const dataJobs = 'versatiledatakit.io_datajobs.yaml';
  return {
    'docs/operations.md': operationsPage(),
    [`crds/${dataJobs}`]: yamlOf(dataJobCrd),
    // A chart can read nothing outside of its own folder.
    [`deploy/helm/datajob-operator/crd-files/${dataJobs}`]: yamlOf(dataJobCrd),
  };
}

function yamlOf(value: unknown): string {
  const note = '# Made by "npm run generate" from src/api: change it there.\n';
  return note + dump(value, { noRefs: true, lineWidth: 120 });
}

function main(check: boolean): void {
  const root = dirname(import.meta.dirname);
  for (const [path, text] of Object.entries(generatedFiles())) {
    const file = join(root, path);
    if (!check) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      console.log(`wrote ${path}`);
    } else if (readOrEmpty(file) !== text) {
      console.error(
        `${path} is not what the sources say: run "npm run generate" and commit the result.`,
      );
      process.exitCode = 1;
    }
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) main(process.argv.includes('--check'));
