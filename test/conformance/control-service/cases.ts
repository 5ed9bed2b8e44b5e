/** All cases, and what of the reference no case can show. */
import type { ConformanceCase } from './case.ts';
import { conventionCases } from './cases/conventions.ts';
import { deploymentCases } from './cases/deployments.ts';
import { clusterDeploymentCases } from './cases/deployments-in-cluster.ts';
import { databaseDeploymentCases } from './cases/deployments-in-database.ts';
import { executionCases } from './cases/executions.ts';
import { jobCases } from './cases/jobs.ts';
import { propertyCases } from './cases/properties.ts';
import { queryCases } from './cases/query.ts';
import { secretCases } from './cases/secrets.ts';
import { securityCases } from './cases/security.ts';
import { sourceCases } from './cases/sources.ts';
import { troubleCases } from './cases/troubles.ts';

export const conformanceCases: readonly ConformanceCase[] = [
  ...conventionCases,
  ...jobCases,
  ...deploymentCases,
  ...clusterDeploymentCases,
  ...databaseDeploymentCases,
  ...executionCases,
  ...propertyCases,
  ...secretCases,
  ...sourceCases,
  ...queryCases,
  ...securityCases,
  ...troubleCases,
];

/** The traps of the reference are numbered from 1 to this. */
export const trapCount = 34;

/** Traps that no client can see, by their numbers. */
export const invisibleTraps: Readonly<Record<number, string>> = {
  25: 'what the arguments of a run become in its shell is seen by the run alone',
};
