/** Of several operators that elect a leader, nobody writes while another one has the Lease. */
import type { Kernel } from '../kernel.ts';
import type { Sent } from '../network.ts';
import { thief } from '../persons.ts';
import { type Exchange, jsonIn, type Served, type Watcher } from '../serve.ts';
import type { Report } from './safety.ts';

export interface Leadership extends Watcher {
  onSent(sent: Sent): void;
}

/** From its last renewal on, a leader may believe in its lease for this long. */
const beliefMs = 10_000;

export function createLeadership(kernel: Kernel, report: Report): Leadership {
  let holder = '';
  let sinceMs = 0;
  /** Whose Lease a person took, and when: if it was deleted then, nobody can know of that one. */
  let robbed = { holder: '', atMs: Number.NEGATIVE_INFINITY };
  return {
    onSent({ line, subject }) {
      if (!subject.isWrite || subject.isLease || holder === line.id) return;
      const isOperator = holder !== '' && holder !== thief;
      const isRobbed =
        robbed.holder === line.id && kernel.clock.elapsed() - robbed.atMs <= beliefMs;
      if (isRobbed || (!isOperator && kernel.clock.elapsed() - sinceMs <= beliefMs)) return;
      const who = holder === '' ? 'nobody' : holder;
      report('S10', `${line.id} sends ${subject.operation}, and ${who} has the lease`);
    },
    before: () => undefined,
    after({ subject, method, who }: Exchange, served: Served) {
      if (!subject.isLease || !subject.isWrite || served.status >= 300) return;
      const lease = jsonIn(served.bytes) as { spec?: { holderIdentity?: string } } | undefined;
      const next = method === 'DELETE' ? '' : (lease?.spec?.holderIdentity ?? '');
      if (next !== holder) sinceMs = kernel.clock.elapsed();
      const isOperator = holder !== '' && holder !== thief;
      if (who === 'person') robbed = { holder: isOperator ? holder : robbed.holder, atMs: sinceMs };
      holder = next;
    },
  };
}
