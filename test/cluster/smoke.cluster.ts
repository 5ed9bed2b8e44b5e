/** The fixture itself: what every other test here stands on. */
import { expect, test } from 'vitest';
import { useRealApiServer } from './use-real-api-server.ts';

const server = useRealApiServer({ controllers: true });

test('the server is a real one and serves our kinds', async () => {
  const { status, body } = await server().request('GET', '/version');
  expect(status).toBe(200);
  expect(body.gitVersion).toMatch(/^v1\.\d+\.\d+/);
  const kinds = await server().request('GET', '/apis/versatiledatakit.io/v1alpha1');
  expect(kinds.body.resources.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['datajobs', 'datajobs/status']),
  );
});
