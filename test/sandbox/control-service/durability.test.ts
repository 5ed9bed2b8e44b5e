/** State on a file: what was acknowledged is there after the process was killed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHarness } from './harness.ts';

test('after kill -9 in the middle of many writes every acknowledged one is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'control-service-'));
  const databaseFile = join(folder, 'state.db');
  const script = new URL('kill-writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, databaseFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.length > 5_000) child.kill('SIGKILL');
  }
  const acknowledged = printed.split('\n').slice(0, -1);
  expect(acknowledged.length).toBeGreaterThan(100);
  const h = createHarness({ databaseFile });
  for (const name of acknowledged) {
    expect((await h.call('GET', h.job(name))).status, name).toBe(200);
    expect((await h.call('GET', h.job(name, '/deployments/x/properties'))).json).toEqual({ name });
  }
  h.service.close();
  rmSync(folder, { recursive: true });
});
