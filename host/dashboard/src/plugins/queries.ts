/** The catalogue of plugins and what is installed of it, as pages read and change them. */

import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Plugin } from "../api/types";
import type { InstallationBody, PluginDetailBody } from "../../generated/schema";
import { notify } from "../ui/toast";

/** Cards of a page of the catalogue, and rows of a page of installations. */
const PAGE = 24;

/** Figures of a running plugin are read this often; faults arrive earlier over Socket.IO. */
const LIVE_INTERVAL_MS = 5000;

/** The plugins that this organisation may install; of a large catalogue the first hundred. */
export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  // The document leaves the schema of a configuration open; the host accepts only JSON Schemas of an object.
  queryFn: async ({ signal }) => (await call("get", "/api/plugins", { signal })).plugins as Plugin[],
  staleTime: 60_000,
});

/** Plugins with `search` in their words, of one kind or of all. */
export const catalogueQuery = (search: string, kind: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["plugins", "catalogue", search, kind ?? ""],
    queryFn: async ({ signal, pageParam }) =>
      await call("get", "/api/plugins", {
        query: {
          limit: PAGE,
          ...(search !== "" && { q: search }),
          ...(kind !== undefined && { kind }),
          ...(pageParam !== "" && { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** A plugin with its versions. */
export const pluginQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "one", id],
    queryFn: async ({ signal }): Promise<PluginDetailBody> => {
      const [namespace = "", name = ""] = id.split("/");
      return await call("get", "/api/plugins/{namespace}/{name}", { parameters: { namespace, name }, signal });
    },
    staleTime: 60_000,
  });

/** A version of a plugin: what it asks for, and to its publisher what its scan found. */
export const versionQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ["plugins", "one", id, version],
    queryFn: async ({ signal }) => {
      const [namespace = "", name = ""] = id.split("/");
      const parameters = { namespace, name, version };
      return await call("get", "/api/plugins/{namespace}/{name}/versions/{version}", { parameters, signal });
    },
    staleTime: 60_000,
  });

/** What is installed, a page at a time. */
export const installedQuery = infiniteQueryOptions({
  queryKey: ["installations", "pages"],
  queryFn: async ({ signal, pageParam }) =>
    await call("get", "/api/installations", {
      query: { limit: PAGE, ...(pageParam !== "" && { cursor: pageParam }) },
      signal,
    }),
  initialPageParam: "",
  getNextPageParam: ({ next_cursor }) => next_cursor,
});

export const installationQuery = (id: string) =>
  queryOptions({
    queryKey: ["installations", "one", id],
    queryFn: async ({ signal }): Promise<InstallationBody> =>
      (await call("get", "/api/installations/{id}", { parameters: { id }, signal })).installation,
  });

/** What it did since the server started and in the last days. */
export const activityQuery = (id: string) =>
  queryOptions({
    queryKey: ["installations", "activity", id],
    queryFn: async ({ signal }) => await call("get", "/api/installations/{id}/activity", { parameters: { id }, signal }),
    refetchInterval: LIVE_INTERVAL_MS,
  });

/** What an upgrade would change; null where nothing is newer. */
export const upgradeQuery = (id: string, version?: string) =>
  queryOptions({
    queryKey: ["installations", "upgrade", id, version ?? ""],
    queryFn: async ({ signal }) => {
      const query = version === undefined ? {} : { version };
      return (await call("get", "/api/installations/{id}/upgrade", { parameters: { id }, query, signal })).upgrade ?? null;
    },
  });

/** The packages to go back to, the latest first. */
export const formerQuery = (id: string) =>
  queryOptions({
    queryKey: ["installations", "former", id],
    queryFn: async ({ signal }) =>
      (await call("get", "/api/installations/{id}/rollback", { parameters: { id }, signal })).former,
  });

export const connectionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["installations", id, "connections"],
    queryFn: async ({ signal }) =>
      (await call("get", "/api/installations/{id}/connections", { parameters: { id }, signal })).connections,
  });

export const publishersQuery = queryOptions({
  queryKey: ["publishers"],
  queryFn: async ({ signal }) => (await call("get", "/api/publishers", { signal })).publishers,
});

/**
 * A change of an installation, after which everything about installations is read again; `said` is then told.
 *
 * Told from here, not from where it is called: what is shown there may be gone with what it was about.
 */
export function useInstallationChange<Input>(
  change: (input: Input) => Promise<InstallationBody>,
  said?: (changed: InstallationBody) => string,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (installation) => {
      client.setQueryData(installationQuery(installation.id).queryKey, installation);
      if (said !== undefined) notify(said(installation));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["installations"] }),
  });
}
