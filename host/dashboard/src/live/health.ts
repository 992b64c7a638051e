/** How sources have been doing over the last minutes, and their figures of this moment. */

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Stream } from "../api/types";
import type { HealthSampleBody, StreamHealthBody } from "../../generated/schema";
import { useEvent } from "./realtime";
import { streamsQuery } from "./streams";

/** The server keeps, and pages show, so much. */
const WINDOW_MS = 10 * 60 * 1000;

/** The figures of a source at one moment. */
export type Sample = HealthSampleBody;

/** Samples and changes of state, both oldest first. */
export type Health = StreamHealthBody;

const EMPTY: Health = { samples: [], events: [] };

export const healthQuery = (sourceId: string) =>
  queryOptions({
    queryKey: ["health", sourceId],
    queryFn: ({ signal }) => call("get", "/api/streams/{id}/health", { parameters: { id: sourceId }, signal }),
    // Events carry it on; after a lost connection everything is read again.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The last minutes of a source, growing while one looks. */
export function useHealth(sourceId: string): Health {
  return useQuery(healthQuery(sourceId)).data ?? EMPTY;
}

/** `health` with one more sample, without what is too old. A sample that is known already changes nothing. */
export function withSample(health: Health, sample: Sample): Health {
  const at = Date.parse(sample.at);
  const last = health.samples.at(-1);
  if (last !== undefined && Date.parse(last.at) >= at) return health;
  const isRecent = (one: { at: string }) => Date.parse(one.at) > at - WINDOW_MS;
  return { ...health, samples: [...health.samples.filter(isRecent), sample] };
}

/** `stream` with the figures of `sample`. States are not among them: those come with their own events. */
export function withFigures(stream: Stream, sample: Sample): Stream {
  const figures = new Map(sample.destinations.map((destination) => [destination.id, destination]));
  return {
    ...stream,
    bitrate_in_bps: sample.bitrate_in_bps,
    frame_rate: sample.frame_rate ?? null,
    viewers: sample.viewers,
    destinations: stream.destinations.map((destination) => ({ ...destination, ...figures.get(destination.id) })),
  };
}

/** The body of `stream.health`. */
interface Figures {
  source_id: string;
  sample: Sample;
}

/** The body of `viewer.count.update`. */
interface ViewerCount {
  source_id?: string;
  viewers: number;
}

/** Keeps figures up to date by the events that carry them, for as long as the calling component is shown. */
export function useLiveFigures() {
  const client = useQueryClient();
  const change = (sourceId: string, next: (stream: Stream) => Stream) =>
    client.setQueryData(streamsQuery.queryKey, (streams) =>
      streams?.map((stream) => (stream.id === sourceId ? next(stream) : stream)),
    );
  useEvent("stream.health", (body) => {
    const { source_id, sample } = body as Figures;
    // What was never read has a past that is not known: it is read first.
    client.setQueryData(healthQuery(source_id).queryKey, (health) => health && withSample(health, sample));
    change(source_id, (stream) => withFigures(stream, sample));
  });
  useEvent("viewer.count.update", (body) => {
    const { source_id, viewers } = body as ViewerCount;
    if (source_id !== undefined) change(source_id, (stream) => ({ ...stream, viewers }));
  });
}
