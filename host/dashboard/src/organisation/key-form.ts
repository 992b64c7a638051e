/** What the form of an API key says, as the API takes it. */

import type { ApiKeyLimitsBody } from "../../generated/schema";

const DAY_MS = 24 * 3600 * 1000;

/** The permissions that are ticked. */
export function scopesOf(fields: FormData): string[] {
  return fields.getAll("scopes").map(String);
}

/** Limits of its own; null where the field is empty. */
export function limitsOf(fields: FormData): ApiKeyLimitsBody {
  const limit = (name: string) => {
    const typed = String(fields.get(name) ?? "").trim();
    return typed === "" ? null : Number(typed);
  };
  return { per_minute: limit("per_minute"), per_hour: limit("per_hour") };
}

/** When the key ends: null for never, undefined where it stays as it is. */
export function endOf(fields: FormData, now: Date): string | null | undefined {
  const choice = String(fields.get("end") ?? "never");
  if (choice === "kept") return undefined;
  if (choice === "never") return null;
  if (choice === "day") return endOfDay(String(fields.get("day")));
  return new Date(now.getTime() + Number(choice) * DAY_MS).toISOString();
}

/** The last day belongs to it. */
function endOfDay(day: string): string {
  const end = new Date(`${day}T00:00:00`);
  end.setDate(end.getDate() + 1);
  return end.toISOString();
}
