/** A program as people run it, and what it said with everything masked that differs from run to run. */
import { spawn } from 'node:child_process';

export interface Said {
  readonly code: number;
  /** Standard output, then standard error, masked. */
  readonly text: string;
}

export function said(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin: string | undefined,
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, text: masked(`${out}\n${err}`) }));
    child.stdin.on('error', () => {}); // a program that does not read may be gone already
    child.stdin.end(stdin ?? '');
  });
}

const masks: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, '<time>'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC/g, '<time>'],
  [/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, '<time>'],
  [/(resourceVersion\\?"?: ?\\?"?)\d+/g, '$1<version>'],
  [/(Resource Version: +)\d+/g, '$1<version>'],
  [/ +\d+(s|m\d*s?)(?= |$)/gm, ' <age>'],
  [/(AGE) +/g, '$1 '],
  [/(UPDATED|<time>) +\t/g, '$1\t'],
  [/(modifiedAt=)\d+/g, '$1<time>'],
  [/\/tmp\/\S+/g, '<file>'],
  [/^(---|\+\+\+) <file>.*$/gm, '$1 <file>'],
];

function masked(text: string): string {
  const plain = text
    .split('\n')
    // The client's own opinion on how far apart the versions are.
    .filter((line) => !line.startsWith('WARNING: version difference'))
    .join('\n');
  return masks.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), plain);
}
