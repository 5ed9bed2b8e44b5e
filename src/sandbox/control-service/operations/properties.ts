/** Properties: one set of values per job name. Neither job nor team is checked, nor must exist. */
import { storedText } from '../stored-json.ts';
import { empty } from '../web/answers.ts';
import { readMapBody } from '../web/bind.ts';
import type { Operation } from '../web/call.ts';
import type { World } from '../world.ts';

export function propertyOperations({
  store,
}: World): Record<'dataJobPropertiesRead' | 'dataJobPropertiesUpdate', Operation> {
  const key = (jobName: string) => `properties:${jobName}`;
  return {
    dataJobPropertiesRead: ({ params }) => ({
      kind: 'json-text',
      text: store.values.get(key(params.job_name)) ?? '{}',
    }),
    dataJobPropertiesUpdate: (call) => {
      store.values.put(key(call.params.job_name), storedText(readMapBody(call)));
      return empty(204);
    },
  };
}
