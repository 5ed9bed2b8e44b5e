/**
 * Compares our document of the Data Jobs API with the service's own: `compare-openapi.ts FILE`
 * prints every difference with its reason and fails on one without. With `--facts` it prints the
 * facts of FILE instead, from which the fixture of the test is made.
 */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { openApiDocument } from '../src/control-service/openapi.ts';
import { compareFacts } from './openapi-differences.ts';
import { type ApiFacts, factsOf } from './openapi-facts.ts';

const [, , first, second] = process.argv;
const file = first === '--facts' ? second : first;

if (file === undefined) {
  process.stderr.write('usage: compare-openapi.ts [--facts] FILE\n');
  process.exitCode = 2;
} else {
  const document = load(mended(readFileSync(file, 'utf8')));
  const theirs = isFacts(document) ? document : factsOf(document);
  if (first === '--facts') {
    process.stdout.write(`${JSON.stringify(theirs, null, 1)}\n`);
  } else {
    report(theirs);
  }
}

function report(theirs: ApiFacts): void {
  const ours = factsOf(openApiDocument());
  const differences = compareFacts(ours, theirs);
  for (const { where, ours: our, theirs: their, reason } of differences) {
    process.stdout.write(`${where}: ours ${our}, theirs ${their}: ${reason ?? 'UNEXPLAINED'}\n`);
  }
  const unexplained = differences.filter(({ reason }) => reason === undefined).length;
  process.stdout.write(
    `operations: ${share(ours.operations, theirs.operations)}, ` +
      `schemas: ${share(ours.schemas, theirs.schemas)}, ` +
      `differences: ${differences.length}, unexplained: ${unexplained}\n`,
  );
  process.exitCode = unexplained === 0 ? 0 : 1;
}

/** How many of their names we have too. */
function share(ours: object, theirs: object): string {
  const names = Object.keys(theirs);
  return `${names.filter((name) => name in ours).length} of ${names.length}`;
}

function isFacts(document: unknown): document is ApiFacts {
  return typeof document === 'object' && document !== null && 'operations' in document;
}

/** Lists in the service's document close at the margin of their key, which strict YAML forbids. */
function mended(yaml: string): string {
  return yaml.replace(/^ *\.\.\.$/gm, '').replace(/^( *)\]$/gm, '$1  ]');
}
