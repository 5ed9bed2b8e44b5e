/** The pages about the service and its client say what is so: options, links, and the programs in them. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { controlServiceOptions } from '../../src/cli/control-service-options.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { serveHttp } from '../../src/platform/serve.ts';
import { createControlService } from '../../src/sandbox/control-service/service.ts';
import { projectFolder, run, temporaryFolder } from '../scenarios/command.ts';
import { optionsTable } from '../support/options-table.ts';

const pages = ['docs/embedded-control-service.md', 'docs/client.md', 'docs/operations.md'];
const read = (page: string) => readFileSync(join(projectFolder, page), 'utf8');

test('the page of the embedded service lists its options as they are', () => {
  expect(read('docs/embedded-control-service.md')).toContain(optionsTable(controlServiceOptions));
});

test.each(pages)('%s leads only to files and headings that exist', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(
    ([, link]) => link ?? '',
  );
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    const [file = '', heading] = link.split('#');
    const target = file === '' ? page : join(dirname(page), file);
    expect(existsSync(join(projectFolder, target)), link).toBe(true);
    if (heading !== undefined) expect(headingsOf(read(target)), link).toContain(heading);
  }
});

/** As GitHub makes anchors of them. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the programs in the page of the client are right: their types, and what they print', async () => {
  const page = read('docs/client.md');
  const program = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code]) => code)
    .join('\n');
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of ['fflate', '@types']) {
    symlinkSync(join(projectFolder, 'node_modules', name), join(modules, name));
  }
  const client = join(projectFolder, 'src/client.ts');
  writeFileSync(join(folder, 'program.mts'), program);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(projectFolder, 'tsconfig.json'),
      compilerOptions: { paths: { 'datajob-operator/client': [client] }, noEmit: true },
      files: ['program.mts'],
    }),
  );
  const check = await run(join(projectFolder, 'node_modules/.bin/tsc'), ['-p', folder]);
  expect(check).toEqual({ code: 0, stdout: '', stderr: '' });

  const runnable = join(folder, 'runnable.mts');
  writeFileSync(runnable, program.replaceAll('datajob-operator/client', client));
  const service = createControlService({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    deployTimeMs: 100,
    podStartMs: 50,
    runTimeMs: 100,
  });
  const server = await serveHttp({ handler: service.handler, host: '127.0.0.1', port: 0 });
  try {
    const result = await run(process.execPath, [runnable], {
      cwd: folder,
      env: { VDK_CONTROL_SERVICE_REST_API_URL: server.url },
    });
    const promised = [...page.matchAll(/\/\/ prints: (.*)$/gm)].map(([, text]) => `${text}\n`);
    expect(result).toEqual({ code: 0, stdout: promised.join(''), stderr: '' });
    expect(promised.length).toBeGreaterThan(8);
  } finally {
    await server.close();
    service.close();
  }
}, 60_000);
