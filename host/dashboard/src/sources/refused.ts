/** What the server found wrong with a destination, where its form shows it. */

import { ApiError } from "../api/client";
import { sentence } from "../format/format";
import { problemsOf, type Problems } from "../plugins/schema-form";

export interface Refused {
  /** By JSON pointer into the configuration. */
  config: Problems;
  /** By name. */
  secrets: Problems;
  /** What has no place in the form. */
  rest: unknown;
}

/** Sorts a refusal by place; `secrets` are the names that the form asks for. */
export function refusedOf(error: unknown, secrets: readonly string[]): Refused {
  const config = problemsOf(error);
  if (Object.keys(config).length > 0) return { config, secrets: {}, rest: undefined };
  const told = error instanceof ApiError && typeof error.details === "string" ? error.details : "";
  const [, field, inField, message] = /^(config|secrets)(?:\.([^:\s]+))?: (.+)$/s.exec(told) ?? [];
  if (field === "config" && inField !== undefined && message !== undefined) {
    return { config: { [`/${inField}`]: sentence(message) }, secrets: {}, rest: undefined };
  }
  if (field === "secrets" && message !== undefined) {
    // Some name the secret in their sentence only.
    const name = secrets.find((name) => name === inField || message.includes(name));
    if (name !== undefined) return { config: {}, secrets: { [name]: sentence(message) }, rest: undefined };
  }
  return { config: {}, secrets: {}, rest: error };
}
