/** The kubeconfig that leads kubectl, and every other client, to the embedded API server. Pure. */
import { dump } from 'js-yaml';

export interface KubeconfigParts {
  readonly url: string;
  /** PEM of the certificate to trust; leave it out for plain HTTP. */
  readonly ca?: string;
  readonly token?: string;
  readonly namespace?: string;
  /** What the cluster, the user and the context are called. */
  readonly name?: string;
}

const nameDefault = 'datajob-sandbox';

/** As YAML text. It holds the token: write it where only its owner can read it. */
export function kubeconfigFor(parts: KubeconfigParts): string {
  const { url, ca, token, namespace = 'default', name = nameDefault } = parts;
  const trust =
    ca === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(ca, 'utf8').toString('base64') };
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, ...trust } }],
    users: [{ name, user: token === undefined ? {} : { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  });
}
