/** Objects and lists in the representation that a client asked for. Pure. */
import type { Call } from './call.ts';
import { type ApiObject, type JsonMap, without } from './json.ts';
import { apiVersionOf } from './kind.ts';
import type { ObjectList } from './list.ts';
import type { As } from './negotiation.ts';
import { type IncludeObject, toTable } from './table.ts';
import type { Encode } from './watch.ts';

const metaApiVersion = 'meta.k8s.io/v1';

export function presentObject(call: Call, object: ApiObject, as: As): unknown {
  if (as === 'Table') return table(call, object);
  if (as === 'object') return shown(call, object);
  return metadataOnly(object);
}

export function presentList(call: Call, list: ObjectList, as: As): unknown {
  const { served, custom } = call.kind;
  const metadata = {
    resourceVersion: String(list.revision),
    ...continuation(list, custom && as === 'object'),
    ...(list.remaining === undefined ? {} : { remainingItemCount: list.remaining }),
  };
  if (as === 'PartialObjectMetadata') {
    const items = list.items.map(metadataOnly);
    const kind = 'PartialObjectMetadataList';
    return { kind, apiVersion: metaApiVersion, metadata, items };
  }
  const header = { kind: served.listKind, apiVersion: apiVersionOf(served), metadata };
  if (as === 'Table') return table(call, { ...header, items: list.items });
  // Items of the built-in kinds do not repeat what they are; those of custom resources do.
  const items = custom
    ? list.items
    : list.items.map((item) => without(shown(call, item), 'apiVersion', 'kind'));
  return { ...header, items };
}

/** Lists of custom resources say it even when there is nothing to go on to. */
function continuation({ continueToken }: ObjectList, custom: boolean) {
  if (continueToken !== undefined) return { continue: continueToken };
  return custom ? { continue: '' } : {};
}

/** Each object of a watch; a table's columns are sent with the first only. */
export function watchEncoder(call: Call, as: As): Encode {
  if (as !== 'Table') return (object) => presentObject(call, object, as);
  let first = true;
  return (object) => {
    const noHeaders = !first;
    first = false;
    return table(call, object, noHeaders);
  };
}

function shown({ kind }: Call, object: ApiObject): ApiObject {
  return kind.shown?.(object) ?? object;
}

function table({ kind, query, server }: Call, body: JsonMap, noHeaders = false): unknown {
  return toTable({
    resource: kind.served,
    body,
    includeObject: (query.get('includeObject') as IncludeObject | null) ?? 'Metadata',
    nowMs: server.clock.now(),
    noHeaders,
  });
}

function metadataOnly({ metadata }: ApiObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: metaApiVersion, metadata };
}
