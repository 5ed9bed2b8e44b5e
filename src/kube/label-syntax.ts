/** How names and labels are written, as the API server checks them and in its words. Pure. */

const subdomainMax = 253;
const labelMax = 63;

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const word = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const nameRule = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${word}')`;
const valueRule = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${word})?')`;

/** Of the key of a label or annotation: a name, with or without a domain in front. */
export function qualifiedNameProblems(name: string): readonly string[] {
  const parts = name.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined;
  const base = parts.at(-1) as string;
  const problems: string[] = [];
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined) {
    problems.push(...dnsProblems(prefix, 'subdomain').map((problem) => `prefix part ${problem}`));
  }
  if (base === '') problems.push('name part must be non-empty');
  else if (base.length > labelMax) {
    problems.push(`name part must be no more than ${labelMax} bytes`);
  }
  if (!new RegExp(`^${word}$`).test(base)) problems.push(`name part ${nameRule}`);
  return problems;
}

export function labelValueProblems(value: string): readonly string[] {
  const isWord = value === '' || new RegExp(`^${word}$`).test(value);
  return [
    ...(value.length > labelMax ? [`must be no more than ${labelMax} bytes`] : []),
    ...(isWord ? [] : [valueRule]),
  ];
}

export function dnsProblems(name: string, rule: 'subdomain' | 'label'): readonly string[] {
  const max = rule === 'label' ? labelMax : subdomainMax;
  const pattern = rule === 'label' ? dnsLabel : `${dnsLabel}(\\.${dnsLabel})*`;
  if (rule === 'label' && name.includes('.')) return ['must not contain dots'];
  const problems = name.length > max ? [`must be no more than ${max} bytes`] : [];
  if (new RegExp(`^${pattern}$`).test(name)) return problems;
  return [
    ...problems,
    rule === 'label'
      ? `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${pattern}')`
      : `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${pattern}')`,
  ];
}
