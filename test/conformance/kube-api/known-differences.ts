/**
 * Where the embedded API server is known to differ from a real one. Every entry says why, and is
 * checked on both: when one side changes, the entry fails and must go.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  aConfigMap,
  aNamespace,
  type ConformanceTarget,
  configMapsIn,
  eventually,
  jobApiVersion,
  jobsIn,
  type UseTarget,
} from './target.ts';

function aDeployment() {
  const labels = { app: 'a' };
  const containers = [{ name: 'a', image: 'a' }];
  const template = { metadata: { labels }, spec: { containers } };
  return { metadata: { name: 'a' }, spec: { selector: { matchLabels: labels }, template } };
}

interface Difference {
  readonly what: string;
  readonly why: string;
  /** Something short that can be compared. */
  readonly look: (target: ConformanceTarget, namespace: string) => Promise<unknown>;
  readonly embedded: unknown;
  readonly real: unknown;
}

const differences: readonly Difference[] = [
  {
    what: 'the words for a body that is no JSON',
    why: "the parser's own words are part of the message, and the parsers are different ones",
    look: async ({ api }, ns) => (await api.post(configMapsIn(ns), '{bad')).body.message,
    embedded: expect.stringContaining('Expected property name'),
    real: expect.stringContaining(
      "invalid character 'b' looking for beginning of object key string",
    ),
  },
  {
    what: 'a repeated cause when metadata of a custom resource is refused',
    why: 'the real server checks that metadata twice and says so twice; once is enough to read',
    look: async ({ api }, ns) => {
      const source = { inline: { files: { '10_a.sql': 'x' } } };
      const apiVersion = jobApiVersion;
      const metadata = { name: 'ingest-a' };
      await api.post(jobsIn(ns), {
        apiVersion,
        kind: 'DataJob',
        metadata,
        spec: { team: 't', source },
      });
      const { body } = await api.patch(`${jobsIn(ns)}/ingest-a`, { metadata: { uid: 'other' } });
      return body.details.causes.length;
    },
    embedded: 1,
    real: 2,
  },
  {
    what: 'answers in protobuf',
    why: 'clients that want it take JSON as well; only what kubectl sends in it is read',
    look: async ({ api }, ns) => {
      const accept = 'application/vnd.kubernetes.protobuf';
      return (await api.get(configMapsIn(ns), { accept })).status;
    },
    embedded: 406,
    real: 200,
  },
  {
    what: 'the order of unknown fields in a warning',
    why: 'sorted here, in the order of the document there; both name all of them',
    look: async ({ api }, ns) => {
      const body = { metadata: { name: 'a' }, zebra: 1, ant: 1 };
      return (await api.post(configMapsIn(ns), body)).headers.get('warning');
    },
    embedded: expect.stringMatching(/ant.*zebra/),
    real: expect.stringMatching(/zebra.*ant/),
  },
  {
    what: 'kinds that nothing here needs',
    why: 'the sandbox serves what the operator, its chart and people around them use',
    look: async ({ api }) => (await api.get('/api/v1/nodes')).status,
    embedded: 404,
    real: 200,
  },
  {
    what: 'unknown fields of what an installation consists of',
    why: 'of these kinds only what merging, ownership and people need is described',
    look: async ({ api }, ns) => {
      const path = `/apis/apps/v1/namespaces/${ns}/deployments`;
      const reply = await api.post(path, { ...aDeployment(), colour: 'red' });
      return reply.headers.get('warning');
    },
    embedded: undefined,
    real: '299 - "unknown field \\"colour\\""',
  },
  {
    what: 'the scale of a Deployment',
    why: 'nothing runs here, so there is nothing to scale; replicas are a field like others',
    look: async ({ api }, ns) => {
      const path = `/apis/apps/v1/namespaces/${ns}/deployments`;
      await api.post(path, aDeployment());
      return (await api.get(`${path}/a/scale`)).status;
    },
    embedded: 404,
    real: 200,
  },
  {
    what: 'the default account of a namespace',
    why: 'no pod runs here that would need one',
    look: async (target, ns) => {
      const path = `/api/v1/namespaces/${ns}/serviceaccounts/default`;
      const found = async () => ((await target.api.get(path)).status === 200 ? true : undefined);
      return target.kind === 'embedded' ? await found() : await eventually(path, found);
    },
    embedded: undefined,
    real: true,
  },
  {
    what: 'the order of metadata in a refused patch of a built-in kind',
    why: 'that of a structure there, sorted here; the whole object is quoted by both',
    look: async ({ api }, ns) => {
      const path = `${configMapsIn(ns)}/there?fieldValidation=Strict`;
      const { message } = (await api.patch(path, { colour: 'red' })).body;
      return message.indexOf('creationTimestamp') < message.indexOf('uid');
    },
    embedded: true,
    real: false,
  },
  {
    what: 'managed fields of questions about access',
    why: 'a question is answered and forgotten: nobody ever owns a part of it',
    look: async ({ api }) => {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const spec = { resourceAttributes: { verb: 'get' } };
      return (await api.post(path, { spec })).body.metadata.managedFields?.length ?? 0;
    },
    embedded: 0,
    real: 1,
  },
];

export function knownDifferences(use: UseTarget): void {
  describe('known differences', () => {
    let target: ConformanceTarget;
    let namespace: string;
    beforeEach(async () => {
      target = use();
      namespace = await aNamespace(target);
      await target.api.post(configMapsIn(namespace), aConfigMap('there'));
    });

    test.each(differences)('$what: $why', async ({ look, embedded, real }) => {
      const expected = target.kind === 'embedded' ? embedded : real;
      expect(await look(target, namespace)).toEqual(expected);
    });
  });
}
