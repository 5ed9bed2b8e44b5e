/**
 * A shard: the objects that one label selector selects, with an operator of its own. Replicas of one
 * shard share a Lease and shards do not, so its name comes from the selector.
 */
import { createHash } from 'node:crypto';
import {
  LabelSelectorError,
  labelSelectorText,
  parseLabelSelector,
} from '../kube/label-selector.ts';
import { UsageError } from './usage-error.ts';

/** The selector in the one way that all who mean the same write it. */
export function parseShard(text: string): string {
  try {
    const selector = labelSelectorText(parseLabelSelector(text));
    if (selector !== '') return selector;
  } catch (error) {
    if (!(error instanceof LabelSelectorError)) throw error;
    throw new UsageError(`must be a label selector, not "${text}": ${error.message}.`);
  }
  throw new UsageError('must not be empty; leave it away to look after all objects.');
}

/** The chart gives rights for the Lease by this name, and computes it as well. */
export function leaseNameOf(shard: string | undefined): string {
  const name = 'datajob-operator';
  if (shard === undefined) return name;
  return `${name}-${createHash('sha256').update(shard).digest('hex').slice(0, digestLength)}`;
}

/** Two of a hundred shards have one name in one of 200 million clusters. */
const digestLength = 10;
