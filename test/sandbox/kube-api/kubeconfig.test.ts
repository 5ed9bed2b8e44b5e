import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { kubeconfigFor } from '../../../src/sandbox/kube-api/kubeconfig.ts';

test('a client library reads where to go, whom to trust and what to say', () => {
  const config = new KubeConfig();
  config.loadFromString(
    kubeconfigFor({ url: 'https://127.0.0.1:1', ca: 'PEM', token: 't', namespace: 'n' }),
  );
  expect(config.getCurrentCluster()).toMatchObject({
    server: 'https://127.0.0.1:1',
    caData: Buffer.from('PEM').toString('base64'),
  });
  expect(config.getCurrentUser()?.token).toBe('t');
  expect(config.getContextObject(config.getCurrentContext())?.namespace).toBe('n');
});
