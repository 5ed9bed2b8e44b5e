/** What the embedded servers need when they run for real: the system's own seams, and free ports. */
import { systemClock } from '../../src/platform/clock.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { silentLog } from '../../src/platform/log.ts';
import { systemRandom } from '../../src/platform/random.ts';

export const onThisMachine = {
  clock: systemClock,
  random: systemRandom,
  files: systemFiles,
  log: silentLog,
  kubeApiPort: 0,
  controlServicePort: 0,
};
