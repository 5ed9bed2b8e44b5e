/**
 * The certificate of the embedded API server. kubectl sends its token over TLS only, so a server
 * on the loopback address needs one too; it is made anew at each start and trusted by kubeconfig.
 */
import { generate } from 'selfsigned';

export interface ServingCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM; also what clients must trust. */
  readonly cert: string;
}

/** An elliptic key takes milliseconds where RSA takes half a second. */
export async function createServingCertificate(): Promise<ServingCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key, cert };
}
