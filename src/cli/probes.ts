/** What Kubernetes and Prometheus ask of a running operator: alive, ready, and its numbers. */
import type { OperatorMetrics } from '../operator-metrics.ts';
import type { HttpHandler } from '../platform/http.ts';

export interface Health {
  /** False asks for a restart: work is due, and nothing has moved for too long. */
  readonly isLive: () => boolean;
  /** False keeps traffic and roll-outs waiting: the caches are not filled yet. */
  readonly isReady: () => boolean;
}

export function healthHandler({ isLive, isReady }: Health): HttpHandler {
  return async (request) => {
    switch (new URL(request.url).pathname) {
      case '/healthz':
        return verdict(isLive(), 'work is due and nothing has moved for too long');
      case '/readyz':
        return verdict(isReady(), 'the caches are not filled yet');
      default:
        return notFound();
    }
  };
}

export function metricsHandler(metrics: OperatorMetrics): HttpHandler {
  return async (request) => {
    if (new URL(request.url).pathname !== '/metrics') return notFound();
    return new Response(await metrics.page(), {
      headers: { 'content-type': metrics.contentType },
    });
  };
}

function verdict(good: boolean, otherwise: string): Response {
  return new Response(good ? 'ok\n' : `${otherwise}\n`, { status: good ? 200 : 503 });
}

function notFound(): Response {
  return new Response('not found\n', { status: 404 });
}
