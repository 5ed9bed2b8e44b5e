/** The data job of the `kubectl` steps; `spec` is YAML after its team. */
export const job = (name: string, spec = '') => `apiVersion: versatiledatakit.io/v1alpha1
kind: DataJob
metadata:
  name: ${name}
spec:
  team: sales${spec}
  source:
    inline:
      files:
        10_ingest.sql: select 1
`;
