/** Every difference between two documents of the Data Jobs API, with the reason for those we mean. */
import { answersOfAnyCall } from '../src/control-service/contract/errors-of-any-call.ts';
import { type OperationId, operationIds, operationOf } from '../src/control-service/contract.ts';
import type { ApiFacts } from './openapi-facts.ts';

export interface Difference {
  readonly where: string;
  readonly ours: string;
  readonly theirs: string;
  /** Absent = nobody meant it. */
  readonly reason?: string | undefined;
}

const nothing = '(nothing)';

export function compareFacts(ours: ApiFacts, theirs: ApiFacts): readonly Difference[] {
  const [a, b] = [leavesOf(ours), leavesOf(theirs)];
  const places = [...new Set([...a.keys(), ...b.keys()])].sort();
  return places
    .map((where) => ({ where, ours: a.get(where) ?? nothing, theirs: b.get(where) ?? nothing }))
    .filter((each) => each.ours !== each.theirs)
    .map((each) => ({ ...each, reason: reasonFor(each) }));
}

/** Path → text, for every value; a list is one place for each of its members. */
function leavesOf(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]]);
  const children: [string, unknown][] = Array.isArray(value)
    ? value.map((each) => [String(each), 'yes'])
    : Object.entries(value);
  return new Map(
    children.flatMap(([key, child]) => [
      ...leavesOf(child, path === '' ? key : `${path} > ${key}`),
    ]),
  );
}

const general: readonly { readonly where: RegExp; readonly reason: string }[] = [
  {
    where: /^schemas > (FourField|Framework)Error/,
    reason: 'the bodies of errors that the service really sends',
  },
  {
    where: /^schemas > DataJobExecution > required > id$/,
    reason: 'every run has one, and the client relies on it',
  },
];

const ofAnyCall =
  'any call can meet the web server, the security layer or an outage; theirs does not say so';

function reasonFor({ where }: Difference): string | undefined {
  return general.find((each) => each.where.test(where))?.reason ?? reasonInContract(where);
}

/** The contract itself says where the real service differs from its document, and why. */
function reasonInContract(where: string): string | undefined {
  const [, id = '', kind, key = ''] = where.split(' > ');
  if (!isOperationId(id)) return undefined;
  const { errors, documentedOnly = [], request, success } = operationOf(id);
  const status = Number(key);
  const anyCall = answersOfAnyCall(operationOf(id));
  if (kind === 'errors' || kind === 'answers') {
    const never = documentedOnly.find((each) => each.status === status);
    if (never !== undefined) return never.reason;
    if (kind === 'answers' && status === success.status && documentedOnly.length > 0) {
      return 'the status that the service really answers';
    }
    const known = errors.find((each) => each.status === status)?.undocumented;
    return known ?? (anyCall.some((each) => each.status === status) ? ofAnyCall : undefined);
  }
  if (kind === 'body' && request?.required === true && !request.requiredInDocument) {
    return 'the service fails with 500 without this body';
  }
  return undefined;
}

function isOperationId(id: string): id is OperationId {
  return (operationIds as readonly string[]).includes(id);
}
