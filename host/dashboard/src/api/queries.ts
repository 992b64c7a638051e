/** What pages read and change, as TanStack Query knows it. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { NewDestinationBody, NewSourceBody, SourceChangeBody } from "../../generated/schema";
import type { Plugin } from "./types";

/** Live figures are read this often; changes of state arrive earlier over Socket.IO. */
const LIVE_INTERVAL_MS = 2000;

export const streamsQuery = queryOptions({
  queryKey: ["streams"],
  queryFn: async () => (await call("get", "/api/streams/info")).streams,
  refetchInterval: LIVE_INTERVAL_MS,
});

export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  // The document leaves the schema of a configuration open; the host accepts only JSON Schemas of an object.
  queryFn: async () => (await call("get", "/api/plugins")).plugins as Plugin[],
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

export const useCreateSource = () =>
  useChange(async (body: NewSourceBody) => (await call("post", "/api/sources", { body })).source);

export const useUpdateSource = (id: string) =>
  useChange((body: SourceChangeBody) => call("put", "/api/sources/{id}", { parameters: { id }, body }));

export const useDeleteSource = (id: string) =>
  useChange((_: undefined) => call("delete", "/api/sources/{id}", { parameters: { id } }));

export const useRotateKey = (id: string) =>
  useChange(
    async (_: undefined) =>
      (await call("post", "/api/sources/{id}/rotate-key", { parameters: { id } })).source,
  );

export const useEndStream = (sourceId: string) =>
  useChange((_: undefined) =>
    call("delete", "/api/streams/active/{sourceId}", { parameters: { sourceId } }),
  );

export const useAddDestination = (sourceId: string) =>
  useChange((body: NewDestinationBody) =>
    call("post", "/api/sources/{id}/destinations", { parameters: { id: sourceId }, body }),
  );

export const useSwitchDestination = (id: string) =>
  useChange((is_active: boolean) =>
    call("put", "/api/sources/destinations/{id}", { parameters: { id }, body: { is_active } }),
  );

export const useRemoveDestination = (id: string) =>
  useChange((_: undefined) => call("delete", "/api/sources/destinations/{id}", { parameters: { id } }));
