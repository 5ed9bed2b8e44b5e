/** The client as a program of somebody else uses it: built, imported by its public name, typed. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { serveHttp } from '../../src/platform/serve.ts';
import { createControlService } from '../../src/sandbox/control-service/service.ts';
import { projectFolder, run, temporaryFolder } from './command.ts';

const program = `
import { ControlServiceError, isNotFound, openClient } from 'datajob-operator/client';

const client = openClient({ retries: 1 });
const job = { teamName: 'sales', jobName: 'ingest-orders' };
try {
  await client.api.dataJobRead(job);
} catch (error) {
  console.log(isNotFound(error), error instanceof ControlServiceError && error.operationId);
}
await client.api.dataJobCreate({ ...job, body: { job_name: job.jobName, description: '', config: {} } });
for await (const row of client.jobs({ teamName: 'any', select: { jobName: true, config: { team: true } } })) {
  console.log(row.jobName, row.config?.team);
}
await client.close();
`;

test('the built client works for a program that has only its name', async () => {
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  const home = join(modules, 'datajob-operator');
  mkdirSync(home, { recursive: true });
  const build = await run(join(projectFolder, 'node_modules/.bin/tsc'), [
    ...['-p', join(projectFolder, 'tsconfig.build.json'), '--outDir', join(home, 'dist')],
  ]);
  expect(build).toEqual({ code: 0, stdout: '', stderr: '' });
  symlinkSync(join(projectFolder, 'package.json'), join(home, 'package.json'));
  symlinkSync(join(projectFolder, 'node_modules'), join(home, 'node_modules'));

  const types = join(projectFolder, 'node_modules/@types');
  symlinkSync(types, join(modules, '@types'));
  writeFileSync(join(folder, 'program.mts'), program);
  const check = await run(
    join(projectFolder, 'node_modules/.bin/tsc'),
    ['--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', 'program.mts'],
    { cwd: folder },
  );
  expect(check).toEqual({ code: 0, stdout: '', stderr: '' });

  const service = createControlService({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  const server = await serveHttp({ handler: service.handler, host: '127.0.0.1', port: 0 });
  try {
    const result = await run(process.execPath, ['program.mjs'], {
      cwd: folder,
      env: { VDK_CONTROL_SERVICE_REST_API_URL: server.url },
    });
    expect(result).toEqual({
      code: 0,
      stdout: 'true dataJobRead\ningest-orders sales\n',
      stderr: '',
    });
  } finally {
    await server.close();
    service.close();
  }
}, 60_000);
