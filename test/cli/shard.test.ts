import { describe, expect, test } from 'vitest';
import { leaseNameOf, parseShard } from '../../src/cli/shard.ts';

describe('the name of the Lease', () => {
  test('without a selector is that of the program', () => {
    expect(leaseNameOf(undefined)).toBe('datajob-operator');
  });

  test('is the same for selectors that mean the same', () => {
    const same = ['b,a in (y,x)', 'a in ( x, y ),b', ' b , b, a in (x,y,x)'];
    const names = same.map((selector) => leaseNameOf(parseShard(selector)));
    expect(new Set(names).size).toBe(1);
  });

  test('is another one for each shard, and never that without a selector', () => {
    const key = 'versatiledatakit.io/shard';
    const shards = [`${key}=a`, `${key}=b`, `!${key}`, key, `${key} in (a,b)`, `${key}!=a`];
    const names = new Set([undefined, ...shards].map(leaseNameOf));
    expect(names.size).toBe(shards.length + 1);
    for (const name of names) expect(name).toMatch(/^datajob-operator(-[0-9a-f]{10})?$/);
  });

  test('does not change from one version to the next, whose replicas run side by side', () => {
    const name = leaseNameOf(parseShard('versatiledatakit.io/shard=a'));
    expect(name).toBe('datajob-operator-133a563f95');
  });
});

test.each([
  ['', 'must not be empty; leave it away to look after all objects.'],
  [' ', 'must not be empty; leave it away to look after all objects.'],
  [
    'a b',
    'must be a label selector, not "a b": unable to parse requirement: found \'b\', expected: in, notin, =, ==, !=, gt, lt.',
  ],
])('the selector "%s" is refused in a sentence', (text, message) => {
  expect(() => parseShard(text)).toThrow(message);
});
