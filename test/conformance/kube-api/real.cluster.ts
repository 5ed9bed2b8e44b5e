/** The suite on a real API server: `npm run test:cluster`. */
import { afterAll, describe } from 'vitest';
import type { OwnServer } from '../../cluster/own-server.ts';
import type { RealApiServer } from '../../cluster/real-api-server.ts';
import { useRealApiServer } from '../../cluster/use-real-api-server.ts';
import { createApiClient } from './client.ts';
import { knownDifferences } from './known-differences.ts';
import { kubeApiConformance } from './suite/all.ts';
import { type ConformanceTarget, removeNamespaces } from './target.ts';

/** A namespace for every test, deleted one after another. */
const tidiedWithinMs = 60_000;

describe('a real Kubernetes API', () => {
  const server = useRealApiServer({ controllers: true });
  afterAll(() => removeNamespaces(targetOn(server())), tidiedWithinMs);
  kubeApiConformance(() => targetOn(server()));
  knownDifferences(() => targetOn(server()));
});

function targetOn(server: RealApiServer): ConformanceTarget {
  const { connection, own } = server;
  return {
    kind: 'real',
    api: createApiClient({
      transport: connection.transport,
      baseUrl: connection.baseUrl,
      headers: () => connection.headers({ fresh: false }),
    }),
    compact: own === undefined ? undefined : () => forgetHistory(own),
    controllers: true,
  };
}

/** The API server remembers some history of its own, apart from etcd: it is started anew. */
async function forgetHistory(own: OwnServer): Promise<void> {
  await compactEtcd(own.etcdUrl);
  await own.stopApiServer('SIGKILL');
  await own.startApiServer();
}

/** Over etcd's JSON gateway: no tool of its own is needed. */
async function compactEtcd(url: string): Promise<void> {
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { readonly header: { readonly revision: string } };
  };
  const key = Buffer.from('/').toString('base64');
  const { header } = await post('/v3/kv/range', { key });
  await post('/v3/kv/compaction', { revision: header.revision, physical: true });
}
