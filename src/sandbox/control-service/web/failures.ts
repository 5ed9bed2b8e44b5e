/**
 * The four-field errors of the Control Service, word for word as the real one answers them:
 * clients show these texts, and some people match on them.
 */

export interface FourFields {
  readonly what: string;
  readonly why: string;
  readonly consequences: string;
  readonly countermeasures: string;
}

/** Ends a request with a four-field error. */
export class ServiceFailure extends Error {
  readonly status: number;
  readonly fields: FourFields;

  constructor(status: number, what: string, why: string, consequences: string, counter: string) {
    super(`${what} ${why}`);
    this.name = 'ServiceFailure';
    this.status = status;
    this.fields = { what, why, consequences, countermeasures: counter };
  }
}

/** 400: a value breaks a rule; `rule` completes both "It must be …" and "Provide value that is …". */
export function constraint(
  field: string,
  rule: string,
  value: string | null | undefined,
  countermeasures = `Provide value that is ${rule}.`,
): ServiceFailure {
  return new ServiceFailure(
    400,
    `Parameter ${field} is not valid.`,
    `It must be ${rule}, but was ${value ?? 'null'}.`,
    'API call fails with 400 BAD REQUEST.',
    countermeasures,
  );
}

/** 400: the body cannot be read. */
export function bodyProblem(why: string): ServiceFailure {
  return new ServiceFailure(
    400,
    'An issue with the JSON body of the request was found',
    why,
    'The API call will fail with 400 BAD REQUEST.',
    'Inspect your input and fix the problem.',
  );
}

/** 500: what the real service's code does not expect. */
export function bug(why: string): ServiceFailure {
  return new ServiceFailure(
    500,
    'A coding error (bug) was found.',
    why,
    'This call with the current OpId will most likely fail.',
    'Inspect stack trace and either fix the problem or open a GitHub issue for it.',
  );
}

/** A method called on a value that is not there; `expression` as Java prints it. */
export function nullReference(expression: string, because: string): ServiceFailure {
  return bug(`Cannot invoke "${expression}" because ${because} is null`);
}

/** 503, or 501 for a part that is not set up: a system behind the service failed. */
export function externalSystem(system: string, problem: string, status = 503): ServiceFailure {
  return new ServiceFailure(
    status,
    `${system} encountered an error: ${problem}.`,
    'The external system may be experiencing intermittent issues or there might be permanent misconfiguration or outage.',
    'The current API operation failed.',
    'Try the operation again in a few minutes and open a ticket to the SRE team if the problem persists.',
  );
}

/** A request body larger than this service takes. The real one leaves that limit to its proxy. */
export function bodyTooLarge(maxBytes: number): ServiceFailure {
  return new ServiceFailure(
    413,
    'The request body is too large.',
    `It must not be larger than ${maxBytes} bytes.`,
    'The API call will fail with 413 PAYLOAD TOO LARGE.',
    'Send a smaller body.',
  );
}
