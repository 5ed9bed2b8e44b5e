/**
 * Makes the program that the image runs: a folder of JavaScript with what is used and nothing else,
 * so no node_modules. It is not minified: errors that people report have readable traces.
 * Usage: node scripts/bundle.ts <folder>
 */
import { join } from 'node:path';
import { rolldown } from 'rolldown';

async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    input: { 'datajob-operator': join(import.meta.dirname, '../src/cli/main.ts') },
    platform: 'node',
  });
  const names = '[name].mjs';
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: names,
    chunkFileNames: names,
    // Node keeps the text of what it has loaded, and one arrow in a file doubles all of it.
    charset: 'ascii',
    plugins: [{ name: 'ascii-comments', renderChunk: (code) => asciiOf(code) }],
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
}

/** What `charset` leaves: the names of people in comments about licences. */
function asciiOf(code: string): string {
  return code.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node scripts/bundle.ts <folder>');
await bundle(folder);
