/** Sources with what runs of them, as pages read and change them. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { DestinationChangeBody, NewDestinationBody, NewSourceBody, SourceChangeBody } from "../../generated/schema";

/** Live figures are read this often; changes of state arrive earlier over Socket.IO. */
const LIVE_INTERVAL_MS = 2000;

export const streamsQuery = queryOptions({
  queryKey: ["streams"],
  queryFn: async ({ signal }) => (await call("get", "/api/streams/info", { signal })).streams,
  refetchInterval: LIVE_INTERVAL_MS,
});

/** A change after which streams are read again. */
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
  useChange(({ keepalive = false }: { keepalive?: boolean }) =>
    call("delete", "/api/sources/{id}", { parameters: { id }, keepalive }),
  );

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

export const useUpdateDestination = (id: string) =>
  useChange((body: DestinationChangeBody) =>
    call("put", "/api/sources/destinations/{id}", { parameters: { id }, body }),
  );

export const useRemoveDestination = (id: string) =>
  useChange(({ keepalive = false }: { keepalive?: boolean }) =>
    call("delete", "/api/sources/destinations/{id}", { parameters: { id }, keepalive }),
  );
