/** Recorded answers that the embedded service does not give, and why not: mode and case. */
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
