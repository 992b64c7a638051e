/** What somebody must have at hand to send to a platform. */

import type { Plugin } from "../api/types";
import { text } from "./form/text";

/**
 * `Needs Twitch account or Stream key`: what the plugin cannot do without, joined by and; where it names no such thing,
 * its secrets are ways to choose from.
 */
export function needsOf({ config_schema, secrets }: Pick<Plugin, "config_schema" | "secrets">): string {
  const settings = (config_schema.required ?? []).map((name) => config_schema.properties?.[name]?.title ?? name);
  const required = secrets.filter(({ required }) => required).map(({ label }) => label);
  const firm = [...settings, ...required].join(text.form.and);
  const chosen = required.length === 0 ? secrets.map(({ label }) => label).join(text.form.or) : "";
  const all = [firm, chosen].filter((part) => part !== "").join(text.form.and);
  return all === "" ? text.form.needsNothing : text.form.needsOr(all);
}
