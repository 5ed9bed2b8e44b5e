import { expect, test } from 'vitest';
import { healthHandler, metricsHandler } from '../../src/cli/probes.ts';
import type { ControlServiceClient } from '../../src/control-service/client.ts';
import { ControlServiceError } from '../../src/control-service/errors.ts';
import type { OperatorStats } from '../../src/operator.ts';
import { createOperatorMetrics } from '../../src/operator-metrics.ts';

const ask = async (handler: (request: Request) => Promise<Response>, path: string) => {
  const response = await handler(new Request(`http://operator.test${path}`));
  return { status: response.status, text: await response.text() };
};

const stats: OperatorStats = {
  queue: {
    waiting: { change: 2, repair: 1, periodic: 0 },
    running: 3,
    delayed: 7,
    adds: 40,
    retries: 5,
    oldestWaitMs: 100,
    longestRunMs: 2_500,
  },
  concurrency: 16,
  objects: 12,
};

test('alive and ready are two questions, each with a reason', async () => {
  const state = { live: true, ready: false };
  const handler = healthHandler({ isLive: () => state.live, isReady: () => state.ready });
  expect((await ask(handler, '/healthz')).status).toBe(200);
  expect(await ask(handler, '/readyz')).toMatchObject({ status: 503, text: /not filled/ });
  state.live = false;
  state.ready = true;
  expect(await ask(handler, '/healthz')).toMatchObject({ status: 503, text: /nothing has moved/ });
  expect((await ask(handler, '/readyz')).status).toBe(200);
  expect((await ask(handler, '/metrics')).status).toBe(404);
});

test('the page has the names that dashboards expect, with what happened', async () => {
  const metrics = createOperatorMetrics({ stats: () => stats, isLeader: () => true });
  metrics.worked({ lane: 'change', waitedMs: 20, tookMs: 300, outcome: 'done' });
  metrics.worked({ lane: 'repair', waitedMs: 20, tookMs: 300, outcome: 'transient' });
  const transport = metrics.countRequests(async ({ method }) => {
    if (method === 'PUT') throw new Error('refused');
    return { status: 200, headers: new Map(), body: [] as never };
  });
  await transport({ method: 'GET', url: 'https://kubernetes.test' });
  await expect(transport({ method: 'PUT', url: 'https://kubernetes.test' })).rejects.toThrow();
  const service = metrics.countCalls({
    info: async () => ({}),
    dataJobRead: async () => {
      throw new ControlServiceError('transient', 'NotFound', 'no', { operationId: 'dataJobRead' });
    },
  } as unknown as ControlServiceClient);
  await service.info({ teamName: 'a' });
  await expect(service.dataJobRead({ teamName: 'a', jobName: 'b' })).rejects.toThrow('no');

  const { text } = await ask(metricsHandler(metrics), '/metrics');
  for (const line of [
    'controller_runtime_reconcile_total{controller="datajob",result="success"} 1',
    'controller_runtime_reconcile_total{controller="datajob",result="error"} 1',
    'controller_runtime_active_workers{controller="datajob"} 3',
    'controller_runtime_max_concurrent_reconciles{controller="datajob"} 16',
    'workqueue_depth{name="datajob"} 3',
    'workqueue_adds_total{name="datajob"} 40',
    'workqueue_retries_total{name="datajob"} 5',
    'workqueue_longest_running_processor_seconds{name="datajob"} 2.5',
    'leader_election_master_status{name="datajob"} 1',
    'rest_client_requests_total{method="GET",code="200"} 1',
    'rest_client_requests_total{method="PUT",code="<error>"} 1',
    'datajob_operator_control_service_calls_total{operation="info",result="OK"} 1',
    'datajob_operator_control_service_calls_total{operation="dataJobRead",result="NotFound"} 1',
    'datajob_operator_objects 12',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toMatch(/controller_runtime_reconcile_time_seconds_count\{controller="datajob"\} 2/);
});

test('reading the page twice counts nothing twice', async () => {
  const metrics = createOperatorMetrics({ stats: () => stats, isLeader: () => false });
  const handler = metricsHandler(metrics);
  expect((await ask(handler, '/metrics')).text).toBe((await ask(handler, '/metrics')).text);
});
