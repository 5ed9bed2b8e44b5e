/** The embedded service passes every case in every mode, and no operation and no trap is left out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type OperationId,
  operationIds,
  operationOf,
} from '../../../src/control-service/contract.ts';
import { casesNotMet } from '../../sandbox/control-service/known-differences.ts';
import { type ConformanceCase, unmetNeed } from './case.ts';
import { conformanceCases, invisibleTraps, trapCount } from './cases.ts';
import { leftovers } from './clear.ts';
import { createEmbeddedTarget, type EmbeddedOptions } from './embedded.ts';
import { type Facts, findFacts } from './facts.ts';
import { runCase } from './run.ts';

/** As the embedded service has them. */
const supportedPythonVersions = ['3.9', '3.11'];

const services: readonly Required<Omit<EmbeddedOptions, 'around'>>[] = [
  ...(['K8S', 'DB', 'BOTH'] as const).flatMap((persistence) => [
    { persistence, security: false, secrets: 'on' } as const,
    { persistence, security: true, secrets: 'on' } as const,
  ]),
  { persistence: 'K8S', security: false, secrets: 'off' },
  { persistence: 'K8S', security: true, secrets: 'off' },
];

describe.each(services)(
  'persistence $persistence, security $security, secrets $secrets',
  (options) => {
    const target = createEmbeddedTarget(options);
    const facts: Omit<Facts, 'deployMs'> = {
      mode: options.persistence,
      embedded: true,
      security: options.security,
      secretStore: options.secrets === 'on',
      gauge: true,
      pythonVersions: supportedPythonVersions,
    };
    let found: Facts;

    beforeAll(async () => {
      found = await findFacts(target);
    });
    afterAll(() => target.service.close());

    test('the facts about the service are found out from outside', () => {
      expect(found).toMatchObject(facts);
    });

    const applicable = conformanceCases
      .filter((each) => unmetNeed(each, { ...facts, deployMs: 0 }, target) === undefined)
      .filter((each) => facts.secretStore || dependsOnStore(each));

    test.each(applicable)('$name', async (each) => {
      target.service.record.clear();
      const { kind, why } = await runCase(target, found, each);
      expect(kind, why).toBe('passed');
      const called = new Set(target.service.record.map(({ operation }) => operation));
      expect(
        each.covers.filter((id) => !called.has(id)),
        'operations that a case covers are called by it',
      ).toEqual([]);
    });

    test('nothing is left behind', async () => {
      expect(await leftovers(target)).toEqual([]);
    });
  },
);

/** A service without a store is the same in all else, so all else is not run again. */
function dependsOnStore({ covers, needs = [] }: ConformanceCase): boolean {
  const touches = (id: OperationId) =>
    operationOf(id).tag === 'Data Jobs Secrets' || id === 'dataJobKeytabDownload';
  return covers.some(touches) || needs.includes('noSecretStore');
}

describe('the known differences', () => {
  test.each(casesNotMet)('$name', async ({ name, why }) => {
    const target = createEmbeddedTarget({ persistence: 'K8S', security: false, secrets: 'on' });
    const each = conformanceCases.find((one) => one.name === name);
    if (each === undefined) throw new Error('there is no such case');
    const facts = await findFacts(target);
    expect((await runCase(target, facts, each)).why).toBe(`known difference: ${why}`);
    const { kind } = await runCase(target, { ...facts, embedded: false }, each);
    expect(kind, 'a difference that is gone is taken off the list').toBe('failed');
    target.service.close();
  });
});

describe('the suite', () => {
  test('has a case for every operation of the contract', () => {
    const covered = new Set(conformanceCases.flatMap(({ covers }) => covers));
    expect(operationIds.filter((id) => !covered.has(id))).toEqual([]);
  });

  test('shows every trap that a client can see', () => {
    const shown = new Set(conformanceCases.flatMap(({ traps = [] }) => traps));
    const numbers = Array.from({ length: trapCount }, (_, index) => index + 1);
    expect(numbers.filter((number) => !shown.has(number))).toEqual(
      Object.keys(invisibleTraps).map(Number),
    );
  });

  test('has a name of its own for every case', () => {
    const names = conformanceCases.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('has no case that applies nowhere here', () => {
    const judged = services.map((options) => {
      const { persistence: mode, security, secrets } = options;
      const target = createEmbeddedTarget(options);
      target.service.close();
      const secretStore = secrets === 'on';
      const facts = { mode, embedded: false, security, secretStore, gauge: true, deployMs: 0 };
      return { target, facts: { ...facts, pythonVersions: supportedPythonVersions } };
    });
    const nowhere = conformanceCases.filter((each) =>
      judged.every(({ target, facts }) => unmetNeed(each, facts, target) !== undefined),
    );
    expect(nowhere.map(({ name }) => name)).toEqual([]);
  });
});
