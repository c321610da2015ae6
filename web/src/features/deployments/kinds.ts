/** How a release can be made live again. A newer server may know ways that this dashboard does not. */
import type { Release } from "@/lib/types";

export type Kind = Release["rollback"] | "unknown";

const KNOWN = new Set<string>(["live", "instant", "image", "gone"] satisfies Release["rollback"][]);

/** The kind as far as it is known here. */
export function kindOf(release: { rollback: string }): Kind {
  return KNOWN.has(release.rollback) ? (release.rollback as Kind) : "unknown";
}

/** Whether a rollback is offered: never by a way that nobody here knows. */
export const canRollBack = (kind: Kind): boolean => kind === "instant" || kind === "image";

/** Whether its commit has to be deployed anew to have it back. */
export const needsDeploy = (kind: Kind): boolean => kind === "gone" || kind === "unknown";
