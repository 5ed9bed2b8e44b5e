/**
 * What the next pass over a manifest would do, by the same observe and plan that the pass runs:
 * `plan` on the command line. Writes nothing.
 */
import type { DataJob } from '../../api/data-job.ts';
import type { Clock } from '../../platform/clock.ts';
import { look, nothingFound } from './bring.ts';
import type { JobCalls } from './calls.ts';
import type { Action } from './model.ts';
import type { ConfigMaps } from './source.ts';

export interface PreviewDeps {
  readonly service: JobCalls;
  readonly readConfigMap: ConfigMaps['read'];
  /** UID of the cluster's kube-system namespace: part of the ownership marker. */
  readonly clusterId: string;
  readonly clock: Clock;
}

export interface Preview {
  readonly actions: readonly Action[];
  /** Why a pass would do nothing although something may differ. */
  readonly held?: 'suspended' | 'observed' | 'waiting';
}

/** `dataJob` with its defaults filled in, and with its status when the cluster has it already. */
export async function previewDataJob(
  { service, readConfigMap, clusterId, clock }: PreviewDeps,
  dataJob: DataJob,
  signal: AbortSignal,
): Promise<Preview> {
  const findings = nothingFound();
  const deps = {
    service,
    clusterId,
    clock,
    configMaps: { revisionOf: () => undefined, read: readConfigMap },
    poll: { hintOf: () => 'none' as const },
    olderHolderOf: () => undefined,
    isHere: () => undefined,
  };
  const verdict = await look(deps, { dataJob, looked: false }, findings, false, signal);
  const { actions } = findings;
  switch (verdict?.kind) {
    case 'suspended':
    case 'observed':
    case 'waiting':
      return { actions, held: verdict.kind };
    default:
      return { actions };
  }
}
