/** Manifests as a person applies them: only what they say, the rest is the API server's. */

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

export function aManifest(
  spec: Readonly<Record<string, unknown>> = {},
  name = 'ingest-orders',
): Manifest {
  return {
    apiVersion: 'versatiledatakit.io/v1alpha1',
    kind: 'DataJob',
    metadata: { name, namespace: 'default' },
    spec: {
      team: 'sales',
      description: 'Loads the orders of yesterday',
      source: { inline: { files: { '10_load.py': 'def run(job_input):\n    pass\n' } } },
      deployment: { enabled: true, schedule: '0 6 * * *' },
      ...spec,
    },
  };
}
