/** Steps of kubectl beyond the everyday: what scripts, reviewers and the curious type. */
import { job } from './kubectl-job.ts';
import type { Step } from './kubectl-script.ts';

const moreKinds = 'a real server has many more kinds';

const twoJobs = `${job('report-b', '\n  description: later')}---\n${job('report-a', '\n  description: sooner')}`;
const unknownField = job('report-c', '\n  colour: red');

const event = (name: string, type: string, reason: string) => `apiVersion: v1
kind: Event
metadata:
  name: ${name}
  namespace: script
involvedObject:
  apiVersion: versatiledatakit.io/v1alpha1
  kind: DataJob
  name: report-a
  namespace: script
reason: ${reason}
message: what happened
type: ${type}
count: 3
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-02T00:00:00Z"
source:
  component: somebody
`;

const lease = `apiVersion: coordination.k8s.io/v1
kind: Lease
metadata:
  name: leader
spec:
  holderIdentity: one
  leaseDurationSeconds: 15
`;

const owned = (name: string, uid: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  ownerReferences:
    - apiVersion: v1
      kind: ConfigMap
      name: nobody
      uid: ${uid}
`;

const widgets = (properties: string, more = '') => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.script.example.com
spec:
  group: script.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}${more}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
            spec:
              type: object
              properties: {${properties}}
`;
const column = `
      additionalPrinterColumns:
        - {name: Size, type: integer, jsonPath: .spec.size}`;
const widget = (spec: string) => `apiVersion: script.example.com/v1
kind: Widget
metadata:
  name: one
spec: {${spec}}
`;

const discovery: readonly Step[] = [
  { args: 'create namespace script', says: 'created' },
  { args: 'api-versions', says: 'versatiledatakit.io/v1alpha1', differs: moreKinds },
  { args: 'api-resources', says: 'datajobs', differs: moreKinds },
  { args: 'auth can-i --list', says: '*.*', differs: 'here everybody may do everything' },
  { args: 'version', says: 'Server Version: v1.', differs: 'so do the versions' },
  { args: 'api-resources --api-group=versatiledatakit.io', says: 'datajobs' },
  { args: 'api-resources --api-group=versatiledatakit.io -o wide', says: 'deletecollection' },
  { args: 'api-resources --api-group=coordination.k8s.io', says: 'leases' },
  { args: 'api-resources --categories=vdk --verbs=list -o name', says: 'datajobs' },
  { args: 'explain dj.spec', says: 'FIELDS:' },
  { args: 'explain dj.spec.nothing', code: 1, says: 'does not exist' },
  { args: 'explain cm.data', says: 'FIELD: data', differs: 'the descriptions are our own words' },
  { args: 'auth whoami', says: 'system:masters' },
  { args: 'auth can-i delete datajobs.versatiledatakit.io/report-a', says: 'yes' },
  { args: 'auth can-i patch datajobs --subresource=status', says: 'yes' },
  { args: 'auth can-i get /metrics', says: 'yes' },
  { args: 'auth can-i list secrets --all-namespaces --quiet' },
  { args: 'get --raw /readyz', says: 'ok' },
  { args: 'get --raw /apis/versatiledatakit.io/v1alpha1/nothings', code: 1, says: 'NotFound' },
];

const dryRuns: readonly Step[] = [
  { args: 'create --dry-run=server -f -', stdin: twoJobs, says: 'created (server dry run)' },
  { args: 'get dj', says: 'No resources found' },
  {
    args: 'apply --server-side --dry-run=server -f -',
    stdin: twoJobs,
    says: 'serverside-applied (server dry run)',
  },
  { args: 'create --dry-run=client -f - -o name', stdin: twoJobs, says: 'report-b' },
  { args: 'create -f - -o name', stdin: twoJobs, says: 'report-a' },
  { args: 'delete dj report-a --dry-run=server', says: 'deleted' },
  { args: 'label dj report-a a=b --dry-run=server', says: 'labeled (server dry run)' },
  { args: 'annotate dj report-a a=b --dry-run=server', says: 'annotated (server dry run)' },
  {
    args: 'patch dj report-a --type merge -p {"spec":{"team":"x"}} --dry-run=server',
    code: 1,
    says: 'cannot be changed',
  },
  { args: 'get dj report-a -o jsonpath={.metadata.generation}', says: '1' },
  {
    args: 'diff --server-side --force-conflicts -f -',
    stdin: job('report-a', '\n  description: other'),
    code: 1,
    says: '+  description: other',
  },
];

const validation: readonly Step[] = [
  { args: 'create --validate=strict -f -', stdin: unknownField, code: 1, says: 'strict decoding' },
  { args: 'create --validate=warn --dry-run=server -f -', stdin: unknownField, says: 'Warning' },
  { args: 'create --validate=ignore -f -', stdin: unknownField, says: 'report-c created' },
  { args: 'get dj report-c -o jsonpath={.spec}', says: 'sales' },
  {
    args: 'apply --server-side -f -',
    stdin: job('report-d', '\n  colour: red'),
    code: 1,
    says: 'field not declared in schema',
  },
];

const reading: readonly Step[] = [
  { args: 'label dj report-a tier=gold', says: 'labeled' },
  { args: 'get dj --sort-by=.spec.description -o name', says: 'report-a' },
  { args: 'get dj --sort-by=.metadata.name', says: 'report-c' },
  { args: 'get dj --field-selector metadata.name=report-b -o name', says: 'report-b' },
  { args: 'get dj --field-selector spec.team!=sales', says: 'No resources found' },
  { args: 'get dj -l tier -o name', says: 'report-a' },
  { args: 'get dj -l !tier -o name', says: 'report-b' },
  { args: 'get dj --show-labels -L tier', says: 'tier=gold' },
  { args: 'get dj -o jsonpath={.items[*].metadata.name}', says: 'report-a report-b report-c' },
  { args: 'get dj -o go-template={{len(.items)}}', code: 1, says: 'error parsing template' },
  { args: 'get dj report-a -o go-template={{.spec.team}}', says: 'sales' },
  { args: 'get dj,cm --chunk-size=1 --no-headers', says: 'report-c' },
  { args: 'get vdk -o name', says: 'report-b' },
  { args: 'get all', says: 'report-b' },
  { args: 'get dj report-a report-x', code: 1, says: '"report-x" not found' },
  { args: 'get dj report-x --ignore-not-found' },
  { args: 'get dj report-a --subresource=status -o name', says: 'report-a' },
  {
    args: 'patch dj report-a --subresource=status --type=merge -p {"status":{"controlService":"http://x.example.com"}}',
    says: 'patched',
  },
  { args: 'get dj report-a -o jsonpath={.status.controlService}', says: 'http://x.example.com' },
  { args: 'get dj -w --request-timeout=2s -o name', says: 'report-a' },
  { args: 'label dj report-a tier-', says: 'unlabeled' },
  { args: 'annotate dj report-a note=one', says: 'annotated' },
  { args: 'annotate dj report-a note=two', code: 1, says: 'overwrite is false' },
  {
    args: 'annotate dj report-a note=two --overwrite --resource-version=1',
    code: 1,
    says: 'modified',
  },
  { args: 'annotate dj --all --list', says: 'note=one' },
  { args: 'annotate dj report-a note-', says: 'annotated' },
];

const waiting: readonly Step[] = [
  {
    args: 'wait dj/report-a --for=jsonpath={.status.controlService} --timeout=2s',
    says: 'condition met',
  },
  {
    args: 'wait dj/report-a --for=jsonpath={.spec.team}=x --timeout=1s',
    code: 1,
    says: 'timed out',
  },
  { args: 'wait dj --all --for=jsonpath={.spec.team}=sales --timeout=2s', says: 'report-c' },
  { args: 'wait dj/report-x --for=delete --timeout=2s' },
  { args: 'wait dj/report-x --for=create --timeout=1s', code: 1, says: 'timed out' },
  { args: 'wait dj/report-x --for=condition=Ready --timeout=1s', code: 1, says: '(NotFound)' },
];

const events: readonly Step[] = [
  { args: 'create -f -', stdin: event('seen.1', 'Normal', 'Deployed'), says: 'created' },
  { args: 'create -f -', stdin: event('seen.2', 'Warning', 'Failed'), says: 'created' },
  { args: 'events --for dj/report-a', says: 'what happened' },
  { args: 'events --for datajob.versatiledatakit.io/report-a', says: 'what happened' },
  { args: 'events --types=Warning', says: 'Failed' },
  { args: 'get events --field-selector type=Warning -o name', says: 'seen.2' },
  { args: 'get events --sort-by=.reason', says: 'Deployed' },
  { args: 'get events -o wide', says: 'somebody' },
  { args: 'describe dj report-a', says: 'Events:' },
  { args: 'delete events --all', says: 'deleted' },
];

const deleting: readonly Step[] = [
  { args: 'apply -f -', stdin: lease, says: 'created' },
  { args: 'apply view-last-applied lease leader', says: 'holderIdentity: one' },
  { args: 'get lease', says: 'one' },
  { args: 'describe lease leader', says: 'Holder Identity' },
  { args: 'patch lease leader -p {"spec":{"holderIdentity":"two"}}', says: 'patched' },
  { args: 'replace --force -f -', stdin: lease, says: 'replaced' },
  {
    args: 'apply -f -',
    stdin: owned('left-behind', '00000000-0000-0000-0000-000000000001'),
    says: 'created',
  },
  { args: 'wait cm/left-behind --for=delete --timeout=20s' },
  { args: 'delete dj report-a --cascade=orphan --wait=false', says: 'deleted' },
  { args: 'delete dj -l tier=none', says: 'No resources found' },
  { args: 'delete dj report-b report-c --cascade=background --now', says: 'report-c' },
  { args: 'delete dj report-b', code: 1, says: '(NotFound)' },
];

const definitions: readonly Step[] = [
  { args: 'apply -f -', stdin: widgets('size: {type: integer}'), says: 'created' },
  { args: 'wait crd/widgets.script.example.com --for=condition=Established', says: 'met' },
  { args: 'api-resources --api-group=script.example.com', says: 'Widget' },
  { args: 'apply -f -', stdin: widget('size: 3'), says: 'created' },
  { args: 'get wd', says: 'one' },
  { args: 'apply -f -', stdin: widget('size: 3, colour: red'), code: 1, says: 'spec.colour' },
  { args: 'apply -f -', stdin: widget('size: big'), code: 1, says: 'must be of type integer' },
  {
    args: 'apply -f -',
    stdin: widgets('size: {type: integer}, colour: {type: string, default: blue}', column),
    says: 'configured',
  },
  {
    args: 'wait crd/widgets.script.example.com --for=jsonpath={.metadata.generation}=2',
    says: 'met',
  },
  { args: 'wait wd/one --for=jsonpath={.spec.colour}=blue --timeout=10s', says: 'met' },
  { args: 'get wd', says: 'SIZE' },
  { args: 'apply -f -', stdin: widget('size: 3, colour: red'), says: 'configured' },
  { args: 'delete crd widgets.script.example.com', says: 'deleted' },
  { args: 'delete namespace script', says: 'deleted' },
];

export const furtherSteps: readonly Step[] = [
  ...discovery,
  ...dryRuns,
  ...validation,
  ...reading,
  ...waiting,
  ...events,
  ...deleting,
  ...definitions,
];
