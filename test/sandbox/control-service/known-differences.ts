/** Where the embedded service differs from the real one on purpose: all of it, a reason each. */

/** Recorded answers that the embedded service does not give: mode and case. */
export const knownDifferences: readonly { readonly of: string; readonly why: string }[] = [
  {
    of: 'K8S query-operation-camel',
    why: 'the total counts jobs of steps that were left out of the recording',
  },
  {
    of: 'K8S query-two-roots',
    why: 'the total counts executions of steps that were left out of the recording',
  },
  {
    of: 'K8S start-bad-label',
    why: 'the text quotes the whole answer of the cluster, with ids and dates of that moment',
  },
  {
    of: 'BOTH patch-without-desired-row',
    why: 'the row was taken out of the database by hand before it; the service itself has no way to',
  },
  {
    of: 'K8S no-token-api-docs',
    why: 'the embedded service has no page to try its operations on',
  },
  {
    of: 'K8S sources-not-allowed',
    why: 'the media type in the text is found by looking at the content, which is not done here',
  },
];

/** Conformance cases that the real service passes and the embedded one does not, by their names. */
export const casesNotMet: readonly { readonly name: string; readonly why: string }[] = [
  {
    name: 'there is a page to try the operations on, open without a token',
    why: 'the embedded service has no page to try its operations on',
  },
  {
    name: 'the document of the API is open without a token',
    why: 'the document of the API comes from `npm run openapi`, not from the embedded service',
  },
];
