/**
 * A process to be killed: an embedded service on a database file that takes writes as fast as it
 * can and prints the name of each job once its create was acknowledged.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/platform/clock.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { createControlService } from '../../../src/sandbox/control-service/service.ts';

const service = createControlService({
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  ...(process.argv[2] === undefined ? {} : { databaseFile: process.argv[2] }),
});

const send = (method: string, path: string, body: unknown) =>
  service.handler(
    new Request(`http://service.test/data-jobs/for-team/team-a/jobs${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }),
  );

async function write(name: string): Promise<void> {
  const created = await send('POST', '', { job_name: name });
  const stored = await send('PUT', `/${name}/deployments/x/properties`, { name });
  if (created.status === 201 && stored.status === 204) writeSync(1, `${name}\n`);
}

for (let round = 0; ; round += 1) {
  await Promise.all(Array.from({ length: 100 }, (_, i) => write(`job-${round}-${i}`)));
}
