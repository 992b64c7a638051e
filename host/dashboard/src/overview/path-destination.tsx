import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Destination, Stream } from "../api/types";
import { bitrate, count, secondsUntil } from "../format/format";
import { inPlainWords } from "../live/reasons";
import { useUpdateDestination } from "../live/streams";
import { destinationPluginsQuery, useRetryDestination } from "../sources/queries";
import { plural } from "../text/plural";
import { Button, buttonLook } from "../ui/button";
import { Tally, tallyEdge, toneOf } from "../ui/tally";
import { notify, notifyError } from "../ui/toast";
import { text } from "./text";

/** The state that a destination is shown in: one that is switched off has none of its own. */
export const stateOf = ({ is_active, state }: Destination): string => (is_active ? state : "off");

/** The name of a destination: its own, or that of its platform. */
export function useNameOf(): (destination: Destination) => string {
  const plugins = useQuery(destinationPluginsQuery());
  return ({ name, plugin, platform }) => name || (plugins.data?.find(({ id }) => id === plugin)?.name ?? platform);
}

interface Props {
  destination: Destination;
  source: Stream;
}

/** One end of the path: how it is doing, why, and what can be done about it here. */
export function PathDestination({ destination, source }: Props) {
  const name = useNameOf()(destination);
  const state = stateOf(destination);
  const isRunning = source.state !== "offline";
  return (
    <li
      className={`min-w-0 rounded-md border border-line bg-surface px-3 py-2.5 ${tallyEdge(toneOf(state))}`}
      data-destination={destination.id}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h3 className="font-semibold wrap-anywhere">{name}</h3>
        <Tally state={state} />
      </div>
      {state === "live" && <Taken destination={destination} />}
      {destination.is_active && <Why destination={destination} />}
      <Remedies destination={destination} sourceId={source.id} name={name} isRunning={isRunning} />
    </li>
  );
}

function Taken({ destination }: { destination: Destination }) {
  const { bitrate_out_bps, dropped_frames, platform_live, platform_viewers } = destination;
  return (
    <p className="flex flex-wrap gap-x-4 text-sm text-muted tabular-nums">
      <span>{bitrate(bitrate_out_bps)}</span>
      {dropped_frames > 0 && <span>{plural(text.dropped, dropped_frames)}</span>}
      {platform_viewers != null && <span>{text.viewersThere(count(platform_viewers))}</span>}
      {platform_live != null && <span>{platform_live ? text.platformShows : text.platformWaits}</span>}
    </p>
  );
}

function Why({ destination }: { destination: Destination }) {
  const { reason, state, next_attempt } = destination;
  if (reason == null) return null;
  const { what, said, todo } = inPlainWords(reason);
  return (
    <div className="mt-1 grid gap-0.5 text-sm">
      <p className="font-medium">
        {what}
        {state === "retrying" && next_attempt != null && <NextAttempt at={next_attempt} />}
      </p>
      {todo !== undefined && <p>{todo}</p>}
      {said !== undefined && (
        <p className="text-muted wrap-anywhere" dir="auto">
          {said}
        </p>
      )}
    </div>
  );
}

/** Counts down; not read out, the state itself is. */
function NextAttempt({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = secondsUntil(at, now);
  return (
    <span aria-hidden className="font-normal text-muted tabular-nums">
      {" "}
      {seconds > 0 ? text.nextAttempt(count(seconds)) : text.tryingNow}
    </span>
  );
}

interface RemediesProps {
  destination: Destination;
  sourceId: string;
  name: string;
  isRunning: boolean;
}

/** What can be done in place. A destination that is well is left alone; its switch lies on its own page. */
function Remedies({ destination, sourceId, name, isRunning }: RemediesProps) {
  const mayChange = useIsAtLeast("editor");
  const retry = useRetryDestination(destination.id);
  const change = useUpdateDestination(destination.id);
  const { is_active, state, reason } = destination;
  if (!mayChange) return null;
  const tryNow = () => retry.mutate(undefined, { onSuccess: () => notify(text.retrying(name)), onError: notifyError });
  const canRetry = is_active && isRunning && (state === "retrying" || state === "failed");
  const isTroubled = is_active && (canRetry || reason != null);
  if (is_active && !isTroubled) return null;
  return (
    <div className="mt-2 flex flex-wrap gap-2">
      {canRetry && (
        <Button isBusy={retry.isPending} onClick={tryNow} aria-label={`${text.retryNow}: ${name}`}>
          {text.retryNow}
        </Button>
      )}
      {isTroubled && (
        <Link
          to="/sources/$sourceId/destinations"
          params={{ sourceId }}
          search={{ edit: destination.id }}
          className={buttonLook("quiet")}
          aria-label={`${text.edit}: ${name}`}
        >
          {text.edit}
        </Link>
      )}
      <Button
        isBusy={change.isPending}
        onClick={() => change.mutate({ is_active: !is_active }, { onError: notifyError })}
        aria-label={`${is_active ? text.switchOff : text.switchOn}: ${name}`}
      >
        {is_active ? text.switchOff : text.switchOn}
      </Button>
    </div>
  );
}
