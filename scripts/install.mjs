/**
 * Makes node_modules what package-lock.json says, before `npm start`, `npm test` and `npm run
 * check`. Says and does nothing when it already is. Plain JavaScript on purpose: it runs under
 * whatever Node the machine has, before the Node that the lock file brings is there. Standard
 * output belongs to the command that follows, so everything here goes to standard error.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The sources are TypeScript that Node runs itself, and use what came with this version. */
const nodeMajorMin = 24;
/** Often enough to see that it moves, rare enough not to fill a CI log. */
const progressEveryMs = 3_000;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function main() {
  const wanted = readLock('package-lock.json');
  if (wanted === undefined) return fail('package-lock.json is missing or broken: restore it.');
  const expected = expectedPackages(wanted);
  if (!isInstalled(expected)) {
    const code = await install(expected);
    if (code !== 0) {
      return fail(
        `Installing the packages failed (npm ci ended with ${code}); npm's own words are above. ` +
          'Check the network and the package registry, then run the same command again.',
      );
    }
  }
  if (!hasNode(expected)) {
    return fail(
      `Node.js ${nodeMajorMin} or newer is needed and this is ${process.versions.node}. ` +
        `npm brings it on Linux only; on ${process.platform} install it from https://nodejs.org.`,
    );
  }
}

/** The packages this machine must have: [folder, entry of the lock file]. */
function expectedPackages(lock) {
  return Object.entries(lock).filter(([path, entry]) => {
    if (path === '' || entry.link) return false;
    // npm leaves out optional packages for other machines; which of two C libraries this one has
    // is npm's business as well.
    return !entry.optional || (isForThisMachine(entry) && !entry.libc);
  });
}

function isForThisMachine({ os, cpu }) {
  return os?.includes(process.platform) && cpu?.includes(process.arch);
}

/** npm writes down what it installed; the folders are looked at too, as people delete them. */
function isInstalled(expected) {
  const installed = readLock('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  return expected.every(([path, entry]) => {
    const there = installed[path];
    const same = there?.version === entry.version && there?.integrity === entry.integrity;
    return same && isThere(path);
  });
}

function isThere(path) {
  return existsSync(join(root, path, 'package.json'));
}

function hasNode(expected) {
  if (Number(process.versions.node.split('.')[0]) >= nodeMajorMin) return true;
  return expected.some(([path]) => /^node_modules\/node-[a-z]+-[a-z0-9]+$/.test(path));
}

async function install(expected) {
  say(`Installing ${expected.length} packages of package-lock.json (once, may take a minute) …`);
  const started = process.hrtime.bigint();
  const arrived = () => expected.filter(([path]) => isThere(path)).length;
  const timer = setInterval(
    () => say(`  ${arrived()} of ${expected.length} packages, ${seconds(started)} s`),
    progressEveryMs,
  );
  // The project's .npmrc silences npm; here its errors are wanted, and on standard error.
  // No package brings a script of its own to run, and none shall begin to.
  const flags = ['--ignore-scripts', '--loglevel=error', '--include=dev', '--include=optional'];
  const args = ['ci', ...flags];
  const npm = process.env.npm_execpath;
  const child =
    npm && /\.c?js$/.test(npm)
      ? spawn(process.execPath, [npm, ...args], options())
      : spawn('npm', args, { ...options(), shell: process.platform === 'win32' });
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
  clearInterval(timer);
  if (code === 0) say(`Installed ${expected.length} packages in ${seconds(started)} s.`);
  return code;
}

function options() {
  return { cwd: root, stdio: ['ignore', process.stderr, process.stderr] };
}

function readLock(name) {
  try {
    return JSON.parse(readFileSync(join(root, name), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function seconds(since) {
  return Math.round(Number(process.hrtime.bigint() - since) / 1e9);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(line) {
  say(line);
  process.exitCode = 1;
}

await main();
