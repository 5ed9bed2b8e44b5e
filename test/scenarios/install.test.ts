/** The step before `npm start` and `npm test`: it installs what is missing, and is silent otherwise. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder, run, temporaryFolder } from './command.ts';

const other = process.platform === 'linux' ? 'darwin' : 'linux';
const packages = {
  '': { name: 'a-project' },
  'node_modules/plain': { version: '1.0.0', integrity: 'sha512-plain' },
  'node_modules/tool': { version: '2.0.0', integrity: 'sha512-tool', dev: true },
  'node_modules/elsewhere': { version: '1.0.0', optional: true, os: [other], cpu: [process.arch] },
  'node_modules/native': {
    version: '1.0.0',
    optional: true,
    os: [process.platform],
    cpu: [process.arch],
  },
};

/** npm, as far as this step needs it: writes down how it was called, and says something. */
const fakeNpm = `
const { appendFileSync } = require('node:fs');
appendFileSync('called', process.argv.slice(2).join(' ') + '\\n');
console.log('npm has words of its own');
process.exitCode = Number(process.env.FAKE_NPM_EXIT ?? 0);
`;

type Packages = Readonly<Record<string, object>>;

/** A project with the step, a lock file, and what is installed of it. */
function aProject(installed: Packages | undefined): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(projectFolder, 'scripts/install.mjs'), join(folder, 'scripts/install.mjs'));
  writeFileSync(join(folder, 'npm.cjs'), fakeNpm);
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  if (installed === undefined) return folder;
  for (const path of Object.keys(installed)) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'package.json'), '{}');
  }
  const record = JSON.stringify({ packages: installed });
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), record);
  return folder;
}

function installIn(folder: string, env: Readonly<Record<string, string>> = {}) {
  return run(process.execPath, ['scripts/install.mjs'], {
    cwd: folder,
    env: { ...env, npm_execpath: join(folder, 'npm.cjs') },
  });
}

const { '': _, 'node_modules/elsewhere': __, ...all } = packages;
const { 'node_modules/native': ___, ...withoutNative } = all;

test('when all is there, it does nothing and says nothing', async () => {
  const folder = aProject(all);
  expect(await installIn(folder)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(existsSync(join(folder, 'called'))).toBe(false);
});

test.each([
  { name: 'nothing is installed', why: 'a fresh clone', installed: undefined },
  {
    name: 'a package has another version',
    why: 'the lock file was changed',
    installed: { ...all, 'node_modules/plain': { version: '0.9.0', integrity: 'sha512-old' } },
  },
  {
    name: 'a package has other content',
    why: 'the same version from elsewhere is not what the lock file says',
    installed: { ...all, 'node_modules/plain': { version: '1.0.0', integrity: 'sha512-other' } },
  },
  {
    name: 'an optional package for this machine is missing',
    why: 'Node itself comes as one',
    installed: withoutNative,
  },
])(
  'when $name, npm installs by the lock file, and only standard error tells',
  async ({ installed, why }) => {
    const folder = aProject(installed);
    const { code, stdout, stderr } = await installIn(folder);
    expect({ code, stdout }, why).toEqual({ code: 0, stdout: '' });
    expect(readFileSync(join(folder, 'called'), 'utf8')).toMatch(/^ci .*--include=dev/);
    expect(stderr).toMatch(/^Installing 3 packages of package-lock\.json/);
    expect(stderr).toContain('npm has words of its own');
    expect(stderr).toMatch(/Installed 3 packages in \d+ s\.\n$/);
  },
);

test('a folder that somebody deleted is noticed', async () => {
  const folder = aProject(all);
  rmSync(join(folder, 'node_modules/plain'), { recursive: true });
  await installIn(folder);
  expect(existsSync(join(folder, 'called'))).toBe(true);
});

test('a failing install is said in a sentence and fails', async () => {
  const { code, stderr } = await installIn(aProject(undefined), { FAKE_NPM_EXIT: '7' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/Installing the packages failed \(npm ci ended with 7\).*run the same/);
});

test('through npm, standard output belongs to the program', async () => {
  const folder = temporaryFolder();
  const args = ['start', '--', '--once', '-o', 'json', '--deploy-time', '100ms'];
  const { code, stdout, stderr } = await run(
    'npm',
    [...args, '--write-kubeconfig', join(folder, 'kubeconfig')],
    { env: { HOME: folder } },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ ready: true });
});
