/** How sources have been doing over the last minutes, and their figures of this moment. */

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, signedIn } from "../api/client";
import type { Stream } from "../api/types";
import { useEvent } from "./realtime";
import { streamsQuery } from "./streams";

/** The server keeps, and pages show, so much. */
const WINDOW_MS = 10 * 60 * 1000;

export interface DestinationSample {
  id: string;
  bitrate_out_bps: number;
  dropped_frames: number;
}

/** The figures of a source at one moment. */
export interface Sample {
  at: string;
  bitrate_in_bps: number;
  /** Frames per second that arrive; null without video. */
  frame_rate: number | null;
  viewers: number;
  destinations: DestinationSample[];
}

/** A change of state of the source, or of one of its destinations. */
export interface HealthEvent {
  at: string;
  destination_id: string | null;
  state: string;
  reason: { code: string; message: string } | null;
}

/** Both oldest first. */
export interface Health {
  samples: Sample[];
  events: HealthEvent[];
}

const EMPTY: Health = { samples: [], events: [] };

export const healthQuery = (sourceId: string) =>
  queryOptions({
    queryKey: ["health", sourceId],
    queryFn: async ({ signal }): Promise<Health> => {
      try {
        const answer = await signedIn(`/api/streams/${encodeURIComponent(sourceId)}/health`, { signal });
        return (await answer.json()) as Health;
      } catch (error) {
        // Nothing ran, so there is nothing to tell.
        if (error instanceof ApiError && error.status === 404) return EMPTY;
        throw error;
      }
    },
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
    ...liveFigures(sample),
    destinations: stream.destinations.map((destination) => ({ ...destination, ...figures.get(destination.id) })),
  };
}

function liveFigures({ bitrate_in_bps, frame_rate, viewers }: Sample) {
  return { bitrate_in_bps, frame_rate, viewers };
}

interface HealthBody {
  source_id: string;
  sample: Sample;
}

interface ViewersBody {
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
    const { source_id, sample } = body as HealthBody;
    // What was never read has a past that is not known: it is read first.
    client.setQueryData(healthQuery(source_id).queryKey, (health) => health && withSample(health, sample));
    change(source_id, (stream) => withFigures(stream, sample));
  });
  useEvent("viewer.count.update", (body) => {
    const { source_id, viewers } = body as ViewersBody;
    if (source_id !== undefined) change(source_id, (stream) => ({ ...stream, viewers }));
  });
}

/** Whoever watches a source; undefined where the server does not count them. */
export const viewersOf = (stream: Stream): number | undefined => (stream as { viewers?: number }).viewers;

/** Frames per second that arrive; undefined where it is not measured. */
export const frameRateOf = (stream: Stream): number | undefined =>
  (stream as { frame_rate?: number | null }).frame_rate ?? undefined;
