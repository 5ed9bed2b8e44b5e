/**
 * The typed client of the Data Jobs API, made from the contract: one method per operation, named
 * by its id. It never retries by itself, but for one replay after a refused token; deadlines,
 * bounds and cancelling hold on every call.
 */
import { readAnswer } from './answer.ts';
import { type CallOptions, type ControlServiceClientOptions, createCall } from './call.ts';
import { type ArgumentsOf, type OperationId, operationIds, type ResultOf } from './contract.ts';
import type { Arguments } from './request.ts';

export type { CallOptions, ControlServiceClientOptions, Timeouts } from './call.ts';

export type ControlServiceClient = {
  readonly [Id in OperationId]: (
    args: ArgumentsOf<Id>,
    options?: CallOptions,
  ) => Promise<ResultOf<Id>>;
};

export function createControlServiceClient(
  options: ControlServiceClientOptions,
): ControlServiceClient {
  const call = createCall(options);
  const methods = operationIds.map((id) => [
    id,
    (args: Arguments, callOptions: CallOptions = {}) => call(id, args, callOptions, readAnswer),
  ]);
  return Object.fromEntries(methods) as ControlServiceClient;
}
