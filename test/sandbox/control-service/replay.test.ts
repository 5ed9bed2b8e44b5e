/** The recorded exchanges of the real service, made again on the embedded one. */
import { expect, test } from 'vitest';
import { handlerTransport } from '../../../src/platform/http.ts';
import { readExchanges } from './exchanges.ts';
import { knownDifferences } from './known-differences.ts';
import { nameOf, replay } from './replay.ts';
import {
  bothSteps,
  clusterSteps,
  databaseSteps,
  outageSteps,
  secretStoreSteps,
  securitySteps,
} from './setup-steps.ts';

const recorded = readExchanges('exchanges');
const underSetups = readExchanges('exchanges-setups');
const madeWith = (...setups: readonly string[]) =>
  underSetups.filter(({ setup }) => setups.some((start) => setup?.startsWith(start)));

/** The replay answers for the webhooks; which address they have does not matter. */
const hook = 'http://hook.example.com';
const transport = handlerTransport(async () => new Response());

const groups = [
  {
    name: 'deployments in the cluster',
    exchanges: recorded.filter(({ mode }) => mode === 'K8S'),
    steps: clusterSteps,
    settings: { deployTimeMs: 3_000, podStartMs: 300 },
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
    },
  },
  {
    name: 'deployments in both',
    exchanges: underSetups.filter(({ mode }) => mode === 'BOTH'),
    steps: bothSteps,
    settings: { persistence: 'BOTH', deployTimeMs: 300 },
  },
  {
    name: 'a secret store, webhooks and rules for uploads',
    exchanges: madeWith('vault'),
    steps: secretStoreSteps,
    settings: {
      secrets: 'on',
      oauthApplications: false,
      webhooks: { transport, postCreateUrl: hook, postDeleteUrl: hook },
      uploads: { remove: ['pyc'], allow: ['py', 'ini'] },
    },
  },
  {
    name: 'security and the authorization webhook',
    exchanges: madeWith('security'),
    steps: securitySteps,
    settings: {
      security: { requiredClaim: { name: 'org', values: ['ours'] }, requiredRoles: ['admin'] },
      webhooks: { transport, authorizationUrl: hook },
      deployTimeMs: 300,
      podStartMs: 300,
    },
  },
  {
    name: 'scheduled and lost runs, then outages',
    exchanges: madeWith('scheduled', 'cluster and git', 'git'),
    steps: outageSteps,
    settings: { deployTimeMs: 300, podStartMs: 300 },
  },
] as const;

test.each(groups)('the answers recorded with $name come out the same', async (group) => {
  const { found, refused } = await replay(group.exchanges, group.steps, group.settings);
  expect(refused).toEqual([]);
  const known = knownDifferences.filter(({ of }) =>
    group.exchanges.some((each) => nameOf(each) === of),
  );
  for (const { of, why } of known) {
    expect(found.has(of), `${of} no longer differs; it was listed because ${why}`).toBe(true);
  }
  const unexplained = [...found].filter(([name]) => !known.some(({ of }) => of === name));
  console.info(
    `${group.name}: ${group.exchanges.length} exchanges, ` +
      `${group.exchanges.length - found.size} the same, ${known.length} explained`,
  );
  expect(Object.fromEntries(unexplained)).toEqual({});
});

test('every recorded exchange is replayed', () => {
  const replayed = groups.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  expect(replayed).toBe(recorded.length + underSetups.length);
});
