/** Whatever goes wrong, the rights that are shipped have to suffice: nothing else may be asked for. */
import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import type { Sent } from '../network.ts';
import type { Report } from './safety.ts';

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const manifest = new URL('../../../deploy/manifests/install.yaml', import.meta.url);

/** `PATCH datajobs/status` and the like, as the shipped roles allow them. */
const allowed: ReadonlySet<string> = new Set(
  (loadAll(readFileSync(manifest, 'utf8')) as readonly { kind?: string; rules?: readonly Rule[] }[])
    .filter((object) => object?.kind === 'ClusterRole' || object?.kind === 'Role')
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${methodOf(verb)} ${resource}`)),
    ),
);

export function checkRights({ side, subject }: Sent, report: Report): void {
  if (side !== 'kube' || allowed.has(subject.operation)) return;
  report('S12', `${subject.operation} is not among the rights that are shipped`);
}

function methodOf(verb: string): string {
  return verb === 'create' ? 'POST' : verb.toUpperCase();
}
