import { Link } from "@tanstack/react-router";
import type { Stream } from "../api/types";
import { bitrate, clock, count, decimal, track } from "../format/format";
import { buttonLook } from "../ui/button";
import { Figure, Figures } from "../ui/figure";
import { Section } from "../ui/page";
import { Tally, tallyEdge, toneOf } from "../ui/tally";
import { text as common } from "../ui/text";
import { useCurrentSource } from "./current";
import { ReasonTold } from "./reason-told";
import { text } from "./text";

/** Keyframes farther apart than this make players start late. */
const LONG_KEYFRAME_INTERVAL_MS = 4000;

/** How one source is doing, at a glance. */
export function SourceOverviewPage() {
  const source = useCurrentSource();
  return (
    <>
      {source.warnings.map((warning) => (
        <div
          key={warning.code}
          role="status"
          className="rounded-md border border-line border-s-4 border-s-warn bg-surface px-4 py-3"
        >
          <ReasonTold reason={warning} />
        </div>
      ))}
      {source.state === "offline" ? <Waiting source={source} /> : <Running source={source} />}
      <DestinationsAtAGlance source={source} />
      <Used source={source} />
    </>
  );
}

function Waiting({ source }: { source: Stream }) {
  const params = { sourceId: source.id };
  return (
    <Section title={text.overview.waiting} intro={text.overview.waitingHint} isBare>
      <div className="flex flex-wrap gap-2">
        <Link to="/sources/$sourceId/encoder" params={params} className={buttonLook("primary")}>
          {text.overview.toEncoder}
        </Link>
        <Link to="/sources/$sourceId/pre-flight" params={params} className={buttonLook("quiet")}>
          {text.overview.toPreFlight}
        </Link>
      </div>
    </Section>
  );
}

function Running({ source }: { source: Stream }) {
  const { keyframe_interval_ms: interval, frame_rate, started_at, tracks, viewers } = source;
  const isSlow = interval != null && interval > LONG_KEYFRAME_INTERVAL_MS;
  return (
    <Section title={text.overview.now}>
      <Figures>
        <Figure label={text.overview.viewers} value={count(viewers)} isLarge />
        <Figure label={text.overview.arriving} value={bitrate(source.bitrate_in_bps)} isLarge />
        {frame_rate != null && <Figure label={text.overview.frameRate} value={decimal(frame_rate)} isLarge />}
        <Figure
          label={text.overview.keyframes}
          value={interval == null ? common.none : text.overview.keyframesEvery(decimal(interval / 1000))}
          note={isSlow ? text.overview.keyframesLong : undefined}
          isLarge
        />
        {started_at != null && <Figure label={text.overview.started} value={clock(started_at)} isLarge />}
        <Figure
          label={text.overview.picture}
          value={<bdi>{tracks.map(track).join(", ") || common.none}</bdi>}
        />
      </Figures>
    </Section>
  );
}

function DestinationsAtAGlance({ source }: { source: Stream }) {
  const link = (
    <Link to="/sources/$sourceId/destinations" params={{ sourceId: source.id }} className={buttonLook("quiet")}>
      {text.overview.allDestinations}
    </Link>
  );
  if (source.destinations.length === 0) {
    return (
      <Section title={text.overview.destinations} intro={text.overview.noDestinationsHint} isBare>
        <div>{link}</div>
      </Section>
    );
  }
  return (
    <Section title={text.overview.destinations} actions={link} isBare>
      <ul className="grid gap-2 sm:grid-cols-2">
        {source.destinations.map(({ id, name, platform, is_active, state }) => (
          <li
            key={id}
            className={`flex flex-wrap items-baseline justify-between gap-x-4 rounded-md border border-line bg-surface px-4
              py-2.5 ${tallyEdge(is_active ? toneOf(state) : "quiet")}`}
          >
            <bdi className="min-w-0 font-medium wrap-anywhere">{name || platform}</bdi>
            <Tally state={is_active ? state : "off"} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Used({ source: { usage } }: { source: Stream }) {
  const limit = usage.hours_limit;
  return (
    <Section title={text.overview.used}>
      <Figures>
        <Figure label={text.overview.today} value={text.overview.hours(decimal(usage.hours_streamed_today))} />
        <Figure
          label={text.overview.month}
          value={text.overview.hours(decimal(usage.hours_streamed_month))}
          note={limit == null ? undefined : text.overview.monthLimit(count(limit))}
        />
      </Figures>
    </Section>
  );
}
