/** What the pages about destinations and viewers ask and change, beside the streams themselves. */

import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Plugin } from "../api/types";
import { streamsQuery } from "../live/streams";
import type { InstallationBody, NewPlaybackTokenBody, PluginBody } from "../../generated/schema";

/** A page of the catalogue holds at most so many. */
const PAGE = 100;

/** Destination plugins with `search` in their words; all of the first page where it is empty. */
export const destinationPluginsQuery = (search = "") =>
  queryOptions({
    queryKey: ["plugins", "destination", search],
    queryFn: async ({ signal }) => {
      const query = { kind: "destination", limit: PAGE, ...(search !== "" && { q: search }) };
      return (await call("get", "/api/plugins", { query, signal })).plugins as Plugin[];
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** Every installation of the app. */
export const installationsQuery = queryOptions({
  queryKey: ["installations", "all"],
  queryFn: async ({ signal }) => {
    const all: InstallationBody[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await call("get", "/api/installations", { query: { limit: PAGE, ...(cursor != null && { cursor }) }, signal });
      all.push(...page.installations);
      cursor = page.next_cursor;
    } while (cursor != null);
    return all;
  },
});

/** The accounts of an installation. */
export const connectionsQuery = (installation: string) =>
  queryOptions({
    queryKey: ["installations", installation, "connections"],
    queryFn: async ({ signal }) =>
      (await call("get", "/api/installations/{id}/connections", { parameters: { id: installation }, signal })).connections,
  });

/** Installs `plugin` with everything that it asks for: whoever does so has read the permission sheet. */
export async function install({ id, permissions }: Pick<PluginBody, "id" | "permissions">): Promise<string> {
  const grant = permissions.flatMap(({ keys }) => keys);
  const { installation } = await call("post", "/api/installations", { body: { plugin: id, grant } });
  return installation.id;
}

/** Leaves for the platform, which sends people back to `returnTo` (a path of this host). */
export async function connectAccount(installation: string, secret: string, returnTo: string) {
  const { authorize_url } = await call("post", "/api/installations/{id}/secrets/{name}/authorize", {
    parameters: { id: installation, name: secret },
    body: { return_to: returnTo },
  });
  location.assign(authorize_url);
}

/** Lets a destination that waits or has failed try at once. */
export function useRetryDestination(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call("post", "/api/sources/destinations/{id}/retry", { parameters: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: streamsQuery.queryKey }),
  });
}

/** Changes the title of what runs, here and at the platforms. */
export function useRetitle(sourceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (title: string) =>
      (await call("put", "/api/streams/{id}/settings", { parameters: { id: sourceId }, body: { title } })).destinations,
    onSettled: () => client.invalidateQueries({ queryKey: streamsQuery.queryKey }),
  });
}

export const createToken = (sourceId: string, body: NewPlaybackTokenBody) =>
  call("post", "/api/sources/{id}/playback-tokens", { parameters: { id: sourceId }, body });

export const revokeToken = (sourceId: string, tokenId: string) =>
  call("delete", "/api/sources/{id}/playback-tokens/{tokenId}", { parameters: { id: sourceId, tokenId } });

/** Revokes every token of a source, or of one of its viewers. */
export const revokeTokens = (sourceId: string, viewer?: string) =>
  call("delete", "/api/sources/{id}/playback-tokens", {
    parameters: { id: sourceId },
    ...(viewer !== undefined && { query: { viewer_id: viewer } }),
  });
