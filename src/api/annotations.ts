/** The names under which the operator and its users leave notes on an object. */

/** Set by a person to any new token: verify now. Echoed in `status.lastHandledReconcileAt`. */
export const reconcileRequestedAnnotation = 'versatiledatakit.io/reconcile-requested-at';

/** The same, as Flux's tools write it. */
const fluxReconcileRequestedAnnotation = 'reconcile.fluxcd.io/requestedAt';

/** Written by the operator with the finalizer, before it creates a job: see `ownership`. */
export const createIntentAnnotation = 'versatiledatakit.io/create-intent';

/** Set by a person to "true": let the object go without touching the service. */
export const orphanOnDeleteAnnotation = 'versatiledatakit.io/orphan-on-delete';

/** Keeps a DataJob until its job at the service is dealt with as its deletion policy says. */
export const externalJobFinalizer = 'versatiledatakit.io/external-job';

/** The token of the last request to verify now, whichever of the two annotations holds it. */
export function reconcileRequestOf(
  annotations: Readonly<Record<string, string>> | undefined,
): string | undefined {
  return (
    annotations?.[reconcileRequestedAnnotation] ?? annotations?.[fluxReconcileRequestedAnnotation]
  );
}
