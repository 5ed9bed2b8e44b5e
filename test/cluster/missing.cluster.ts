/**
 * What the operator needs and does not have yet, or not any more: its kind, its rights. It says so
 * once, waits, and goes on by itself.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadManifests } from '../../src/cli/manifests.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { eventually, type Program, projectFolder } from './programs.ts';
import { describeOnOwnServer, useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld } from './world.ts';

/** A reflector looks again after 30 s at most. */
const noticedMs = 45_000;
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const account = 'limited';

const server = useRealApiServer({ crds: false });

const why = 'they delete the CRD, and with it every DataJob';

describeOnOwnServer('what is missing', { why }, () => {
  let world: ClusterWorld;
  let operator: Program;
  beforeAll(async () => {
    world = await createClusterWorld(server());
    const token = await createAccount();
    await bind();
    const kubeconfigFile = server().kubeconfigWith(account, { token });
    operator = world.startOperator({ kubeconfigFile });
  });
  afterAll(() => world?.close());

  test('its kind is not there yet: one line says so, and work begins when it comes', async () => {
    const waits = () => operator.output().includes('waiting for its CustomResourceDefinition');
    expect(await eventually(waits, 20_000), operator.output()).toBe(true);
    await installCrd();
    await world.apply({}, 'first-orders');
    await untilReady('first-orders');
    expect(lines('waiting for its CustomResourceDefinition')).toBe(1);
  });

  test('its kind is removed: every job goes as its object says, and it waits for the next one', async () => {
    await server().request('DELETE', `${crds}/datajobs.versatiledatakit.io`);
    const isGone = async () => (await world.job('first-orders')).status === 404;
    expect(await eventually(isGone, noticedMs)).toBe(true);
    const path = `${crds}/datajobs.versatiledatakit.io`;
    const isRemoved = async () => (await server().request('GET', path)).status === 404;
    expect(await eventually(isRemoved, noticedMs)).toBe(true);
    await installCrd();
    await world.apply({}, 'second-orders');
    await untilReady('second-orders');
  });

  test('its rights are taken away and given back: nothing is lost, and nobody had to restart it', async () => {
    await server().request('DELETE', `${rbac}/clusterrolebindings/${account}`);
    await world.apply({}, 'third-orders');
    const isRefused = () => /forbidden/i.test(operator.output());
    expect(await eventually(isRefused, noticedMs), operator.output()).toBe(true);
    await bind();
    await untilReady('third-orders');
    expect(operator.hasEnded).toBe(false);
  });

  async function installCrd(): Promise<void> {
    for (const { manifest } of await loadManifests(systemFiles, join(projectFolder, 'crds'))) {
      await create(crds, manifest);
    }
    const list = '/apis/versatiledatakit.io/v1alpha1/datajobs';
    const isServed = async () => (await server().request('GET', list)).status === 200;
    expect(await eventually(isServed, 30_000)).toBe(true);
  }

  /** With a token of its own, and no right. */
  async function createAccount(): Promise<string> {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await create(accounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: account },
    });
    const { status } = await create(`${accounts}/${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    return status.token;
  }

  async function bind(): Promise<void> {
    await create(`${rbac}/clusterrolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: account },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
    });
  }

  async function create(path: string, body: object) {
    const answer = await server().request('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body;
  }

  async function untilReady(name: string): Promise<void> {
    const isReady = () => world.conditionIs('Ready', 'True', name);
    expect(await eventually(isReady, noticedMs), operator.output().slice(-3_000)).toBe(true);
  }

  function lines(text: string): number {
    return operator.output().split(text).length - 1;
  }
});
