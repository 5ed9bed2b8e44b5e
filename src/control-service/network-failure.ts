/** Failures without an answer, said so that a person knows where to look. */
import { DeadlineError } from '../platform/clock.ts';
import { BodyTooLargeError } from '../platform/http.ts';
import { cleanText } from './untrusted-text.ts';

interface Failure {
  readonly why: string;
  readonly advice: string;
}

const addressAdvice = 'check that the address and the port are right and that it is running';
const nameAdvice = 'check the host name and the name service';
const certificateAdvice = 'add the authority that signed it to the trusted ones';
const slowAdvice = 'check the network and firewalls on the way';

/** By the code of the error or of what caused it. */
const failures: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: { why: 'connection refused', advice: addressAdvice },
  ECONNRESET: { why: 'the connection was cut', advice: slowAdvice },
  EPIPE: { why: 'the connection was cut', advice: slowAdvice },
  UND_ERR_SOCKET: { why: 'the connection was cut', advice: slowAdvice },
  ENOTFOUND: { why: 'the host name is unknown', advice: nameAdvice },
  EAI_AGAIN: { why: 'the name service does not answer', advice: nameAdvice },
  EHOSTUNREACH: { why: 'there is no route to the host', advice: slowAdvice },
  ENETUNREACH: { why: 'there is no route to the network', advice: slowAdvice },
  ETIMEDOUT: { why: 'the connection timed out', advice: slowAdvice },
  UND_ERR_CONNECT_TIMEOUT: { why: 'the connection timed out', advice: slowAdvice },
  UND_ERR_HEADERS_TIMEOUT: { why: 'no answer came in time', advice: slowAdvice },
  UND_ERR_BODY_TIMEOUT: { why: 'the answer stopped in the middle', advice: slowAdvice },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { why: 'the answer was cut off', advice: slowAdvice },
  SELF_SIGNED_CERT_IN_CHAIN: { why: 'its certificate is not trusted', advice: certificateAdvice },
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'its certificate is self-signed', advice: certificateAdvice },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    why: 'its certificate is not trusted',
    advice: certificateAdvice,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    why: 'its certificate is not trusted',
    advice: certificateAdvice,
  },
  CERT_HAS_EXPIRED: { why: 'its certificate has expired', advice: 'have it renewed' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: 'its certificate is for another host',
    advice: 'use the host name that the certificate names',
  },
};

/** Causes nest, and a failed connection to several addresses is an aggregate of its errors. */
const causesMax = 5;

export function describeNetworkFailure(error: unknown): Failure {
  let current: unknown = error;
  let words = String(error);
  for (let depth = 0; depth < causesMax && current instanceof Error; depth += 1) {
    if (current instanceof DeadlineError || current instanceof BodyTooLargeError) {
      return { why: current.message, advice: 'try again, or allow more' };
    }
    words = current.message || words;
    const code = 'code' in current ? String(current.code) : '';
    const known = Object.hasOwn(failures, code) ? failures[code] : undefined;
    if (known !== undefined) return known;
    if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
      return { why: 'TLS does not work there', advice: 'check whether it speaks https at all' };
    }
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return { why: cleanText(words), advice: addressAdvice };
}
