/** The kinds that a CustomResourceDefinition asks for, one for each version it serves. Pure. */
import { customKind } from './custom-kind.ts';
import { type ApiObject, asList, asMap, type JsonMap } from './json.ts';
import type { Kind } from './kind.ts';
import type { PrinterColumn, ScaleSubresource, ServedResource } from './served-resource.ts';

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

export function kindsOf(crd: ApiObject): readonly Kind[] {
  const versions = asList(asMap(crd.spec).versions).map(asMap);
  const storage = versions.find((version) => version.storage === true) ?? {};
  const stored = String(storage.name ?? '');
  const storedSchema = asMap(asMap(storage.schema).openAPIV3Schema);
  return versions
    .filter(({ served }) => served === true)
    .map((version) => customKind(servedResource(crd, version), stored, storedSchema));
}

function servedResource(crd: ApiObject, version: JsonMap): ServedResource {
  const spec = asMap(crd.spec);
  const names = asMap(spec.names);
  const { status, scale } = asMap(version.subresources);
  const words = (value: unknown) => asList(value).map(String);
  return {
    group: String(spec.group),
    version: String(version.name),
    plural: String(names.plural),
    singular: String(names.singular),
    kind: String(names.kind),
    listKind: String(names.listKind),
    shortNames: words(names.shortNames),
    categories: words(names.categories),
    namespaced: spec.scope === 'Namespaced',
    verbs,
    subresources: {
      status: status !== undefined,
      ...(scale === undefined ? {} : { scale: scale as ScaleSubresource }),
    },
    schema: asMap(asMap(version.schema).openAPIV3Schema),
    ...(version.additionalPrinterColumns === undefined
      ? {}
      : { printerColumns: version.additionalPrinterColumns as readonly PrinterColumn[] }),
    ...(version.selectableFields === undefined
      ? {}
      : { selectableFields: version.selectableFields as ServedResource['selectableFields'] & {} }),
  };
}
