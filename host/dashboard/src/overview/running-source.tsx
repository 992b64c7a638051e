import { Link } from "@tanstack/react-router";
import { useEffect, useId, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Stream } from "../api/types";
import { clock, duration } from "../format/format";
import { useEndStream } from "../live/streams";
import { Button } from "../ui/button";
import { ConfirmButton } from "../ui/confirm";
import { Preview, usePreviewToken } from "../ui/preview";
import { OnAir } from "../ui/tally";
import { Graphs } from "./graphs";
import { SignalPath } from "./signal-path";
import { text } from "./text";

interface Props {
  stream: Stream;
  /** Whether its picture and its graphs are shown without being asked for. */
  isOpen: boolean;
}

/** A source that runs: its path, its picture, its figures over time. */
export function RunningSource({ stream, isOpen }: Props) {
  const [isShown, setIsShown] = useState(isOpen);
  const details = useId();
  return (
    <section
      aria-labelledby={`source-${stream.id}`}
      data-source={stream.id}
      className="grid min-w-0 gap-4 rounded-lg border border-line bg-surface p-4 sm:p-5"
    >
      <Heading stream={stream} />
      <SignalPath stream={stream} preview={isShown ? <Picture stream={stream} /> : undefined} />
      <div id={details} className="grid gap-4">
        {isShown && <Graphs stream={stream} />}
      </div>
      <Button look="plain" className="justify-self-start" aria-expanded={isShown} aria-controls={details} onClick={() => setIsShown(!isShown)}>
        {isShown ? text.lessDetails : text.moreDetails}
      </Button>
    </section>
  );
}

function Heading({ stream }: { stream: Stream }) {
  const end = useEndStream(stream.id);
  const mayEnd = useIsAtLeast("editor");
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        {stream.state === "live" && <OnAir>{text.onAir}</OnAir>}
        <h2 id={`source-${stream.id}`} className="text-lg font-semibold wrap-anywhere">
          <Link to="/sources/$sourceId" params={{ sourceId: stream.id }} className="underline-offset-4 hover:underline">
            {stream.name}
          </Link>
        </h2>
        {stream.started_at != null && <Running since={stream.started_at} />}
      </div>
      {mayEnd && (
        <ConfirmButton
          label={text.endStream}
          describedAs={`${text.endStream}: ${stream.name}`}
          consequence={text.endConsequence(stream.name)}
          action={() => end.mutateAsync(undefined)}
        />
      )}
    </div>
  );
}

function Running({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="text-sm text-muted tabular-nums">
      {text.since(clock(since))} · <span aria-hidden>{duration(Math.max(0, (now - Date.parse(since)) / 1000))}</span>
    </span>
  );
}

function Picture({ stream }: { stream: Stream }) {
  const isTokenOnly = stream.visibility === "token-only";
  const token = usePreviewToken(stream.id, isTokenOnly);
  return (
    <Preview playbackId={stream.playback_id} isLive={stream.state === "live"} token={token} isTokenOnly={isTokenOnly} />
  );
}
