#!/usr/bin/env node
/**
 * Starts the program. Plain JavaScript, so that an old Node answers with a sentence instead of
 * stumbling over the first TypeScript file.
 */
import process from 'node:process';

/** The sources are TypeScript that Node runs itself, and use what came with this version. */
const nodeMajorMin = 24;

if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
  process.stderr.write(
    `datajob-operator needs Node.js ${nodeMajorMin} or newer, and this is ${process.versions.node}. ` +
      'Inside the project `npm start` and `npx datajob-operator` bring their own.\n',
  );
  process.exitCode = 2;
} else {
  await import('./main.ts');
}
