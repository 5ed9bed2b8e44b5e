/**
 * What the embedded API server knows about one kind that it serves. Discovery, OpenAPI, tables and
 * the request handler all read this one description, for built-in kinds and for CRDs alike.
 */

/** A JSON Schema (OpenAPI v3 subset) as CRDs carry it; decoded by who reads it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 = always shown; more = only with `-o wide`. */
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface ScaleSubresource {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface ServedResource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: { readonly status: boolean; readonly scale?: ScaleSubresource };
  /** The whole object's schema (openAPIV3Schema of the CRD version). */
  readonly schema?: JsonSchema;
  readonly printerColumns?: readonly PrinterColumn[];
  /** JSON paths that field selectors may name, as in a CRD's `selectableFields`. */
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}
