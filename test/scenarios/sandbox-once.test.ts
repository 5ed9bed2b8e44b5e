import { expect, test } from 'vitest';
import { runProgram, startProgram, temporaryFolder } from './command.ts';

const once = ['sandbox', '--once', '--deploy-time', '200ms', '--poll-interval', '500ms'];

test('--once brings the examples to Ready, shows them and ends with 0', async () => {
  const { code, stdout, stderr } = await runProgram(once, { cwd: temporaryFolder() });
  expect(stderr).toBe('');
  expect(code, stdout).toBe(0);
  const table = stdout.slice(stdout.indexOf('KIND')).split('\n').slice(1);
  const rows = table.filter((line) => line.startsWith('DataJob '));
  expect(rows.length).toBeGreaterThanOrEqual(3);
  for (const row of rows) expect(row).toMatch(/^DataJob +\S+ +\S+ +True /);
});

test('-o json prints one document on standard output, and nothing else there', async () => {
  const { code, stdout, stderr } = await runProgram([...once, '-o', 'json'], {
    cwd: temporaryFolder(),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const document = JSON.parse(stdout);
  expect(document.ready).toBe(true);
  expect(document.objects.length).toBeGreaterThanOrEqual(3);
  for (const object of document.objects) {
    expect(object).toEqual({
      kind: 'DataJob',
      namespace: expect.any(String),
      name: expect.any(String),
      ready: true,
      reason: expect.any(String),
      message: expect.any(String),
    });
  }
});

test('at --timeout, it ends with 1 and says which object waits for what', async () => {
  const args = ['sandbox', '--once', '--deploy-time', '1h', '--timeout', '3s', '-o', 'json'];
  const { code, stdout, stderr } = await runProgram(args, { cwd: temporaryFolder() });
  expect(code).toBe(1);
  const { ready, objects } = JSON.parse(stdout);
  expect(ready).toBe(false);
  const waiting = objects.filter((object: { ready: boolean }) => !object.ready);
  expect(waiting.length).toBeGreaterThan(0);
  for (const { namespace, name, reason } of waiting) {
    expect(stderr).toContain(`DataJob ${namespace}/${name} is not Ready: ${reason}: `);
  }
});

test('-o json without --once: people are told on standard error, and it stays up', async () => {
  const args = [...once.filter((each) => each !== '--once'), '-o', 'json'];
  const command = startProgram(args, { cwd: temporaryFolder() });
  await command.outputMatching(/Ctrl-C/);
  command.kill('SIGTERM');
  const { code, stdout, stderr } = await command.result;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).ready).toBe(true);
  expect(stderr).toContain('export KUBECONFIG=');
});
