/** The specs of simulated objects: a valid one, and named changes. */
import { contentCanary } from './oracles/safety.ts';
import type { SpecChange } from './plan.ts';

/** Short, so that a verification by interval is part of every run. */
export const intervalMs = 120_000;

export function filesOf(content: string): Readonly<Record<string, string>> {
  return { '10_load.sql': `SELECT '${contentCanary}', '${content}'` };
}

export function aSpec(change: SpecChange = {}): SpecChange {
  return {
    team: 'sales',
    description: 'Loads the orders of yesterday',
    interval: '2m',
    source: { inline: { files: filesOf('first') } },
    deployment: { enabled: true, schedule: '0 6 * * *' },
    ...change,
  };
}

export const inline = (content: string) => ({ source: { inline: { files: filesOf(content) } } });
export const fromConfigMap = (name: string) => ({ source: { configMapRef: { name } } });
