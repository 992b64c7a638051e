/** What pages read and change, as TanStack Query knows it. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Plugin, Source, Stream } from "./types";

/** Live figures are read this often; changes of state arrive earlier over Socket.IO. */
const LIVE_INTERVAL_MS = 2000;

export const streamsQuery = queryOptions({
  queryKey: ["streams"],
  queryFn: async () => (await request<{ streams: Stream[] }>("GET", "/api/streams/info")).streams,
  refetchInterval: LIVE_INTERVAL_MS,
});

export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  queryFn: async () => (await request<{ plugins: Plugin[] }>("GET", "/api/plugins")).plugins,
  staleTime: Number.POSITIVE_INFINITY,
});

/** A change after which everything that pages show is read again. */
function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: streamsQuery.queryKey }),
  });
}

export interface SourceInput {
  name?: string;
  description?: string;
  second_publisher?: "reject" | "replace";
}

export interface DestinationInput {
  plugin: string;
  name?: string;
  config: Record<string, unknown>;
  secrets: Record<string, string>;
}

export const useCreateSource = () =>
  useChange(
    async (input: SourceInput) =>
      (await request<{ source: Source }>("POST", "/api/sources", input)).source,
  );

export const useUpdateSource = (id: string) =>
  useChange((input: SourceInput) => request<unknown>("PUT", `/api/sources/${id}`, input));

export const useDeleteSource = (id: string) =>
  useChange((_: undefined) => request<unknown>("DELETE", `/api/sources/${id}`));

export const useRotateKey = (id: string) =>
  useChange(
    async (_: undefined) =>
      (await request<{ source: Source }>("POST", `/api/sources/${id}/rotate-key`, {})).source,
  );

export const useEndStream = (id: string) =>
  useChange((_: undefined) => request<unknown>("DELETE", `/api/streams/active/${id}`));

export const useAddDestination = (sourceId: string) =>
  useChange((input: DestinationInput) =>
    request<unknown>("POST", `/api/sources/${sourceId}/destinations`, input),
  );

export const useSwitchDestination = (id: string) =>
  useChange((is_active: boolean) =>
    request<unknown>("PUT", `/api/sources/destinations/${id}`, { is_active }),
  );

export const useRemoveDestination = (id: string) =>
  useChange((_: undefined) => request<unknown>("DELETE", `/api/sources/destinations/${id}`));
