/** The Lease object behind an election: reading it, and writing it only over what was read. */
import type { Clock } from '../platform/clock.ts';
import type { KubeClient } from './client.ts';
import { isConflict, isNotFound } from './errors.ts';
import { microTime } from './event-body.ts';
import type { KubeObject, ObjectName, ResourceType } from './object.ts';

const leases: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    readonly leaseTransitions?: number | null;
  };
}

/** What we need of it. */
export interface LeaseRecord {
  readonly version: string;
  /** undefined = nobody. */
  readonly holder: string | undefined;
  /** For how long after a change nobody else may take it. */
  readonly durationMs: number;
  readonly transitions: number;
}

export interface LeaseRecords {
  /** undefined = there is none yet. */
  read(signal: AbortSignal): Promise<LeaseRecord | undefined>;
  /**
   * Takes or renews it, provided that it is still as in `before` (undefined = that there is none).
   * undefined = it is not; somebody else was faster, or an earlier answer of ours was lost.
   */
  take(before: LeaseRecord | undefined, signal: AbortSignal): Promise<LeaseRecord | undefined>;
  /** Gives it away, provided that it is still as in `before`. */
  release(before: LeaseRecord, signal: AbortSignal): Promise<void>;
}

export interface LeaseRecordOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly name: ObjectName;
  readonly identity: string;
  readonly durationMs: number;
}

export function createLeaseRecords(options: LeaseRecordOptions): LeaseRecords {
  const { client, clock, name, identity, durationMs } = options;
  const leaseDurationSeconds = durationMs / 1_000;
  const recordOf = ({ metadata, spec }: Lease): LeaseRecord => ({
    version: metadata.resourceVersion ?? '',
    holder: spec?.holderIdentity || undefined,
    durationMs: spec?.leaseDurationSeconds ? spec.leaseDurationSeconds * 1_000 : durationMs,
    transitions: spec?.leaseTransitions ?? 0,
  });
  const patch = async (before: LeaseRecord, spec: object, signal: AbortSignal) => {
    const body = { metadata: { resourceVersion: before.version }, spec };
    return recordOf(await client.patch<Lease>(leases, name, { kind: 'merge', body }, signal));
  };
  return {
    async read(signal) {
      try {
        return recordOf(await client.get<Lease>(leases, name, signal));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async take(before, signal) {
      const renewTime = microTime(clock.now());
      const mine = { holderIdentity: identity, leaseDurationSeconds, renewTime };
      const isRenewal = before?.holder === identity;
      const leaseTransitions = before === undefined ? 0 : before.transitions + 1;
      const spec = isRenewal ? mine : { ...mine, acquireTime: renewTime, leaseTransitions };
      try {
        if (before !== undefined) return await patch(before, spec, signal);
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: name, spec };
        return recordOf(await client.create<Lease>(leases, lease, signal));
      } catch (error) {
        if (isConflict(error) || (before !== undefined && isNotFound(error))) return undefined;
        throw error;
      }
    },
    async release(before, signal) {
      const spec = {
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: microTime(clock.now()),
      };
      await patch(before, spec, signal);
    },
  };
}
