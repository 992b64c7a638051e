/** The catalogue of plugins, as pages read it. */

import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Plugin } from "../api/types";

/** The plugins that this organisation may install. */
export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  // The document leaves the schema of a configuration open; the host accepts only JSON Schemas of an object.
  queryFn: async ({ signal }) => (await call("get", "/api/plugins", { signal })).plugins as Plugin[],
  staleTime: 60_000,
});
