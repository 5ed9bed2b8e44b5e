import { expect, test } from 'vitest';
import { loadManifests, parseManifests } from '../../src/cli/manifests.ts';
import type { Files } from '../../src/platform/files.ts';

const job =
  'apiVersion: versatiledatakit.io/v1alpha1\nkind: DataJob\nmetadata: {name: load-orders}\n';

/** Files from a map; folders are what the paths imply. */
function filesOf(texts: Readonly<Record<string, string>>): Files {
  const inside = (folder: string) =>
    Object.keys(texts).filter((path) => path.startsWith(`${folder}/`));
  return {
    kindOf: async (path) =>
      path in texts ? 'file' : inside(path).length > 0 ? 'folder' : undefined,
    list: async (folder) => inside(folder).map((path) => path.slice(folder.length + 1)),
    readText: async (path) => texts[path] ?? '',
    writeText: async () => {},
    makeFolder: async () => {},
  };
}

test('a folder gives the objects of its manifests and leaves other files alone', async () => {
  const files = filesOf({
    'jobs/a.yaml': job,
    'jobs/b.yml': `---\n${job}---\n`,
    'jobs/readme.md': '#',
  });
  const loaded = await loadManifests(files, 'jobs');
  expect(loaded.map(({ where }) => where)).toEqual(['jobs/a.yaml', 'jobs/b.yml, document 1']);
});

test('a list stands for its items', () => {
  const items = '{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}';
  const [loaded] = parseManifests(`apiVersion: v1\nkind: List\nitems: [${items}]\n`, 'list.yaml');
  expect(loaded).toMatchObject({ where: 'list.yaml, item 1', manifest: { kind: 'ConfigMap' } });
});

test('values are read as kubectl reads them: yes is true, 010 is eight, a date is text', () => {
  const [loaded] = parseManifests(
    `${job}spec: {loud: yes, mode: 010, from: 2026-01-31}\n`,
    'a.yaml',
  );
  expect(loaded?.manifest.spec).toEqual({ loud: true, mode: 8, from: '2026-01-31' });
});

test.each([
  {
    name: 'text that is no YAML',
    why: 'the document and line are what a person looks for',
    text: `${job}---\nkind: [\n---\n`,
    says: 'x.yaml, document 2: this is no YAML: deficient indentation (line 6).',
  },
  {
    name: 'a document without a kind',
    why: 'only the second of two is wrong',
    text: `${job}---\napiVersion: v1\nmetadata: {name: a}\n`,
    says: 'x.yaml, document 2: kind is missing: every manifest starts with it.',
  },
  {
    name: 'a text instead of a mapping',
    why: 'a file with one document needs no number',
    text: 'hello\n',
    says: 'x.yaml: a manifest is a mapping with apiVersion, kind and metadata.',
  },
  {
    name: 'an object without a name',
    why: 'generateName cannot be planned or compared',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
    says: 'x.yaml: metadata.name is missing.',
  },
])('$name is refused with the place', ({ text, says, why }) => {
  expect(() => parseManifests(text, 'x.yaml'), why).toThrow(says);
});

test.each([
  {
    name: 'a path that is not there',
    path: 'gone',
    says: 'gone: there is no such file or folder.',
  },
  { name: 'a folder without manifests', path: 'docs', says: 'docs holds no manifest' },
  { name: 'a file without objects', path: 'empty.yaml', says: 'empty.yaml holds no manifest' },
])('$name is refused', async ({ path, says }) => {
  const files = filesOf({ 'docs/readme.md': '', 'empty.yaml': '# nothing\n' });
  await expect(loadManifests(files, path)).rejects.toThrow(says);
});
