/** CustomResourceDefinition as an object that is stored; what it causes is in crd-controller.ts. */
import { type ApiObject, asList, asMap } from '../json.ts';
import type { Kind } from '../kind.ts';
import { crdErrors } from '../schema/crd.ts';
import { builtinKind } from './builtin-kind.ts';
import {
  anything,
  fields,
  flag,
  keyedList,
  listOf,
  objectSchema,
  text,
  whole,
} from './schema-words.ts';

export const crdStorage = 'apiextensions.k8s.io/customresourcedefinitions';

/** Keeps a definition until the objects of its kind are gone. */
export const crdFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function crdKind(): Kind {
  return builtinKind({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    status: true,
    hasGeneration: true,
    unconditionalUpdate: false,
    emptyObject: { spec: { names: {} }, status: { acceptedNames: {} } },
    schema: objectSchema('Adds a kind to the API.', {
      spec: specSchema(),
      status: statusSchema(),
    }),
    withDefaults: withNames,
    prepare: (next, old) => ({
      ...next,
      status: old?.status ?? {
        conditions: null,
        acceptedNames: { plural: '', kind: '' },
        storedVersions: storageVersions(next),
      },
    }),
    validate: crdErrors,
  });
}

function storageVersions(crd: ApiObject): readonly unknown[] {
  return asList(asMap(crd.spec).versions)
    .map(asMap)
    .filter((version) => version.storage === true)
    .map((version) => version.name);
}

function withNames(crd: ApiObject): ApiObject {
  const spec = asMap(crd.spec);
  const names = asMap(spec.names);
  const kind = typeof names.kind === 'string' ? names.kind : '';
  return {
    ...crd,
    spec: {
      ...spec,
      conversion: spec.conversion ?? { strategy: 'None' },
      names: {
        ...names,
        singular: names.singular ?? kind.toLowerCase(),
        listKind: names.listKind ?? `${kind}List`,
      },
    },
  };
}

function specSchema() {
  const column = fields('One column of kubectl get.', {
    name: text('Its heading.'),
    type: text('The type of its values.'),
    format: text('More about the type.'),
    description: text('What it shows.'),
    priority: whole('0 is always shown, more only with -o wide.'),
    jsonPath: text('Where the value is.'),
  });
  const version = fields('One version of the kind.', {
    name: text('Its name, like v1.'),
    served: flag('Whether the API offers it.'),
    storage: flag('Whether objects are kept in it: true for exactly one.'),
    deprecated: flag('Whether its use brings a warning.'),
    deprecationWarning: text('The warning.'),
    schema: fields('What its objects look like.', { openAPIV3Schema: anything('The schema.') }),
    subresources: fields('What is written apart from the rest.', {
      status: anything('Present: status is written by its own path only.'),
      scale: anything('Present: the kind can be scaled.'),
    }),
    additionalPrinterColumns: listOf('Columns of kubectl get.', column),
    selectableFields: listOf(
      'Fields that selectors may name.',
      fields('One field.', { jsonPath: text('Where the value is.') }),
    ),
  });
  return fields('What the kind is.', {
    group: text('Its API group.'),
    names: fields('What it is called.', nameFields()),
    scope: text('Namespaced or Cluster.'),
    versions: listOf('Its versions.', version),
    conversion: anything('How versions are made from one another.'),
    preserveUnknownFields: flag('Always false.'),
  });
}

function nameFields() {
  const word = { type: 'string' };
  return {
    plural: text('The name in paths.'),
    singular: text('The name of one.'),
    kind: text('The name in objects.'),
    listKind: text('The kind of a list of them.'),
    shortNames: listOf('Names to type quickly.', word),
    categories: listOf('Groups of kinds that it belongs to, like all.', word),
  };
}

function statusSchema() {
  return fields('What became of it.', {
    conditions: keyedList(
      'Whether it is served.',
      'type',
      fields('One condition.', {
        type: text('What it says.'),
        status: text('True, False or Unknown.'),
        reason: text('Why, in one word.'),
        message: text('Why, in a sentence.'),
        lastTransitionTime: text('Since when.'),
        observedGeneration: whole('Of which generation it speaks.', 'int64'),
      }),
    ),
    acceptedNames: fields('The names in use.', nameFields()),
    storedVersions: listOf('Versions that objects were ever kept in.', { type: 'string' }),
    observedGeneration: whole('The generation that this speaks of.', 'int64'),
  });
}
