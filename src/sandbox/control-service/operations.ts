/** All operations of the Data Jobs API by their ids: the type makes a missing one an error. */
import type { OperationId } from '../../control-service/contract.ts';
import { deploymentOperations } from './operations/deployments.ts';
import { executionOperations } from './operations/executions.ts';
import { infoOperation } from './operations/info.ts';
import { jobOperations } from './operations/jobs.ts';
import { propertyOperations } from './operations/properties.ts';
import { queryOperation } from './operations/query.ts';
import { secretOperations } from './operations/secrets.ts';
import { sourceOperations } from './operations/sources.ts';
import type { Operation } from './web/call.ts';
import type { World } from './world.ts';

export function allOperations(world: World): Readonly<Record<OperationId, Operation>> {
  return {
    info: infoOperation(world),
    jobsQuery: queryOperation(world),
    ...jobOperations(world),
    ...deploymentOperations(world),
    ...executionOperations(world),
    ...propertyOperations(world),
    ...secretOperations(world),
    ...sourceOperations(world),
  };
}
