import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Stream } from "../api/types";
import { clock, count, decimal } from "../format/format";
import { streamsQuery } from "../live/streams";
import { plural } from "../text/plural";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Loaded } from "../ui/loading";
import { Page } from "../ui/page";
import { Tally, tallyEdge, toneOf } from "../ui/tally";
import { useLeaving } from "../ui/toast";
import { text } from "./text";

const NewSource = lazy(() => import("./new-source").then(({ NewSource }) => ({ default: NewSource })));

/** Every source, with what runs of it. */
export function SourcesPage() {
  const [isAdding, setIsAdding] = useState(false);
  const mayAdd = useIsAtLeast("editor");
  const streams = useQuery(streamsQuery);
  const leaving = useLeaving();
  const shown = streams.data?.filter(({ id }) => !leaving.has(id));

  const add = mayAdd && (
    <Button look="primary" onClick={() => setIsAdding(true)}>
      {text.sources.add}
    </Button>
  );
  return (
    <Page title={text.sources.title} intro={text.sources.intro} actions={shown?.length ? add : undefined}>
      <Loaded query={streams}>
        {() =>
          shown?.length === 0 ? (
            <Empty title={text.sources.empty} hint={text.sources.emptyHint}>
              {add}
            </Empty>
          ) : (
            <ul className="grid gap-3">
              {shown?.map((stream) => (
                <li key={stream.id}>
                  <SourceLink stream={stream} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {isAdding && (
        <Suspense>
          <NewSource onClose={() => setIsAdding(false)} />
        </Suspense>
      )}
    </Page>
  );
}

function SourceLink({ stream }: { stream: Stream }) {
  const month = stream.usage.hours_streamed_month;
  return (
    <div
      className={`relative grid gap-x-6 gap-y-2 rounded-lg border border-line bg-surface p-4 transition-colors
        hover:border-accent sm:grid-cols-[minmax(0,3fr)_minmax(0,3fr)_minmax(0,2fr)] sm:items-center sm:px-5
        ${tallyEdge(toneOf(stream.state))}`}
    >
      <div className="grid min-w-0 gap-1">
        <h2 className="text-lg font-semibold wrap-anywhere">
          {/* The whole row is the link's, with one name to be read out. */}
          <Link to="/sources/$sourceId" params={{ sourceId: stream.id }} className="after:absolute after:inset-0 after:rounded-lg">
            {stream.name}
          </Link>
        </h2>
        <p className="flex flex-wrap items-baseline gap-x-3">
          <Tally state={stream.state} />
          {stream.started_at != null && (
            <span className="text-sm text-muted">{text.sources.since(clock(stream.started_at))}</span>
          )}
        </p>
      </div>
      <DestinationTallies stream={stream} />
      <p className="flex flex-wrap gap-x-4 text-sm text-muted tabular-nums sm:grid sm:justify-items-end">
        {stream.state !== "offline" && (
          <span className="font-semibold text-ink">{plural(text.sources.viewers, stream.viewers)}</span>
        )}
        {month > 0 && <span>{text.sources.hoursThisMonth(decimal(month))}</span>}
        {month === 0 && stream.state === "offline" && <span>{text.sources.neverThisMonth}</span>}
      </p>
    </div>
  );
}

/** How the destinations are: how many are live, and the ones that need somebody by name. */
function DestinationTallies({ stream }: { stream: Stream }) {
  const active = stream.destinations.filter(({ is_active }) => is_active);
  if (stream.destinations.length === 0) {
    return <p className="text-sm text-muted">{text.sources.noDestinations}</p>;
  }
  if (stream.state === "offline") {
    return <p className="text-sm text-muted">{plural(text.sources.destinations, stream.destinations.length)}</p>;
  }
  const live = active.filter(({ state }) => state === "live").length;
  const troubled = active.filter(({ state }) => state === "failed" || state === "retrying");
  return (
    <div className="grid gap-1">
      <p className="text-sm font-semibold tabular-nums">
        {text.sources.destinationsLive(count(live), count(active.length))}
      </p>
      {troubled.map(({ id, name, platform, state }) => (
        <p key={id} className="flex flex-wrap items-baseline gap-x-2 text-sm">
          <Tally state={state} />
          <span className="min-w-0 text-muted wrap-anywhere">{name === "" ? platform : name}</span>
        </p>
      ))}
    </div>
  );
}
