/** What is tried out here: development versions of the catalogue and the installations that run one. */

import { queryOptions } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { InstallationBody, ListedPluginBody } from "../../../generated/schema";

const PAGE = 100;

/** A plugin that is tried out. */
export interface Trial {
  /** Its id. */
  plugin: string;
  name: string;
  /** As the catalogue lists it; undefined where a published version stands in front of it. */
  listed: ListedPluginBody | undefined;
  /** What runs a development version of it. */
  installations: InstallationBody[];
}

/** One trial a plugin, by id. */
export function trialsOf(listed: readonly ListedPluginBody[], installations: readonly InstallationBody[]): Trial[] {
  const trials = new Map<string, Trial>();
  for (const plugin of listed.filter(({ state }) => state === "development")) {
    trials.set(plugin.id, { plugin: plugin.id, name: plugin.name, listed: plugin, installations: [] });
  }
  for (const installation of installations.filter(({ development }) => development)) {
    const { plugin, plugin_name: name } = installation;
    const trial = trials.get(plugin) ?? { plugin, name, listed: undefined, installations: [] };
    trials.set(plugin, { ...trial, installations: [...trial.installations, installation] });
  }
  return [...trials.values()].sort((a, b) => a.plugin.localeCompare(b.plugin));
}

export const trialsQuery = queryOptions({
  queryKey: ["plugins", "trials"],
  queryFn: async ({ signal }) => trialsOf(await allListed(signal), await allInstallations(signal)),
  // `neustream-plugin dev` uploads on every save.
  refetchInterval: 10_000,
});

async function allListed(signal: AbortSignal): Promise<ListedPluginBody[]> {
  const all: ListedPluginBody[] = [];
  let cursor: string | null | undefined;
  do {
    const query = { limit: PAGE, ...(cursor != null && { cursor }) };
    const page = await call("get", "/api/plugins", { query, signal });
    all.push(...page.plugins);
    cursor = page.next_cursor;
  } while (cursor != null);
  return all;
}

async function allInstallations(signal: AbortSignal): Promise<InstallationBody[]> {
  const all: InstallationBody[] = [];
  let cursor: string | null | undefined;
  do {
    const query = { limit: PAGE, ...(cursor != null && { cursor }) };
    const page = await call("get", "/api/installations", { query, signal });
    all.push(...page.installations);
    cursor = page.next_cursor;
  } while (cursor != null);
  return all;
}
