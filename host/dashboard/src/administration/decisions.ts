/** What the platform may decide about a version, by its state; the server has the last word. */

export type Decision = "review" | "verify" | "suspend" | "reinstate" | "revoke";

const byState: Record<string, readonly Decision[]> = {
  draft: ["revoke"],
  development: ["suspend", "revoke"],
  scanned: ["review", "suspend", "revoke"],
  reviewed: ["verify", "suspend", "revoke"],
  verified: ["suspend", "revoke"],
  suspended: ["reinstate", "revoke"],
};

/** The decisions that a version in this state allows, the one that trusts it first. */
export function decisionsFor(state: string): readonly Decision[] {
  return byState[state] ?? [];
}

/** Whether the API wants to know why. */
export function needsReason(decision: Decision): boolean {
  return decision === "suspend" || decision === "reinstate" || decision === "revoke";
}

/** Whether something stops. */
export function stops(decision: Decision): boolean {
  return decision === "suspend" || decision === "revoke";
}
