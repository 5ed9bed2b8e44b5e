/** The recorded exchanges of the real service, made again on the embedded one. */
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/platform/log.ts';
import {
  type ControlServiceSettings,
  createControlService,
} from '../../../src/sandbox/control-service/service.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { differences } from './compare.ts';
import { type Exchange, readExchanges, type Sent, send } from './exchanges.ts';
import { knownDifferences } from './known-differences.ts';
import { bothSteps, clusterSteps, databaseSteps } from './setup-steps.ts';

const recorded = readExchanges('exchanges');
const underSetups = readExchanges('exchanges-setups');
const random = {
  next: () => 0.5,
  uuid: () => '00000000-0000-4000-8000-000000000000',
  hex: () => '',
};

const nameOf = ({ mode, case: name }: Exchange) => `${mode} ${name}`;

/** Replays in order, each exchange at its moment; what differs, by the name of the case. */
async function replay(
  exchanges: readonly Exchange[],
  steps: readonly Sent[],
  settings: Partial<ControlServiceSettings>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = [...exchanges, ...steps].sort((a, b) => a.at - b.at);
  const clock = createManualClock((all[0]?.at ?? 0) - 60_000);
  const service = createControlService({ clock, random, log: silentLog, ...settings });
  const found = new Map<string, readonly string[]>();
  for (const each of all) {
    await clock.advance(Math.max(each.at - clock.now(), 0));
    const response = await send(service.handler, each);
    if ('case' in each) {
      const differing = await differences(each as Exchange, response);
      if (differing.length > 0) found.set(nameOf(each as Exchange), differing);
    } else {
      expect(response.status, `${each.method} ${each.path} ${await response.text()}`).toBeLessThan(
        400,
      );
    }
  }
  service.close();
  return found;
}

/** The arguments of a run say what it does: so the recorded ones come out as they did. */
const simulateRun: ControlServiceSettings['simulateRun'] = ({ args, executionId }) => {
  const { sleep, status, vdk, ending, word, text } = args as Record<
    string,
    string | number | undefined
  >;
  return {
    runTimeMs: typeof sleep === 'number' ? sleep * 1000 + 1000 : 1900,
    terminationMessage:
      status === null
        ? null
        : typeof text === 'string'
          ? text
          : JSON.stringify({ vdk_version: vdk ?? '0.3.9', status: status ?? 'Success' }),
    ending: (ending as 'failed' | undefined) ?? 'complete',
    logs: `start of ${executionId}\nlife-marker ${word}\nlast line of ${executionId}\n`,
  };
};

const groups = [
  {
    name: 'deployments in the cluster',
    exchanges: recorded.filter(({ mode }) => mode === 'K8S'),
    steps: clusterSteps,
    settings: { deployTimeMs: 3_000, podStartMs: 300, simulateRun },
  },
  {
    name: 'deployments in the database',
    exchanges: recorded.filter(({ mode }) => mode === 'DB'),
    steps: databaseSteps,
    settings: {
      persistence: 'DB',
      deployTimeMs: 300,
      synchronizerIntervalMs: 2_000,
      podStartMs: 300,
      simulateRun,
    },
  },
  {
    name: 'deployments in both',
    exchanges: underSetups.filter(({ mode }) => mode === 'BOTH'),
    steps: bothSteps,
    settings: { persistence: 'BOTH', deployTimeMs: 300 },
  },
] as const;

test.each(groups)('the answers recorded with $name come out the same', async (group) => {
  const found = await replay(group.exchanges, group.steps, group.settings);
  const known = knownDifferences.filter(({ of }) =>
    group.exchanges.some((each) => nameOf(each) === of),
  );
  for (const { of, why } of known) {
    expect(found.has(of), `${of} no longer differs; it was listed because ${why}`).toBe(true);
  }
  const unexplained = [...found].filter(([name]) => !known.some(({ of }) => of === name));
  console.info(
    `${group.name}: ${group.exchanges.length} exchanges, ${group.exchanges.length - found.size} the same, ` +
      `${known.length} explained, ${unexplained.length} unexplained`,
  );
  expect(Object.fromEntries(unexplained)).toEqual({});
});
