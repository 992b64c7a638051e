import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useRouter } from "@tanstack/react-router";
import { useIsAtLeast, useOrganisation } from "../api/standing";
import type { Stream } from "../api/types";
import { bitrate, count } from "../format/format";
import { useFaults } from "../live/faults";
import { streamsQuery } from "../live/streams";
import { isGuideSkipped } from "../start/progress";
import { plural } from "../text/plural";
import { buttonLook } from "../ui/button";
import { Empty } from "../ui/empty";
import { Figure, Figures } from "../ui/figure";
import { Loaded } from "../ui/loading";
import { Page, Section } from "../ui/page";
import { Tally } from "../ui/tally";
import { text as common } from "../ui/text";
import { AlertList } from "./alert-list";
import { alertsOf } from "./alerts";
import { useNameOf } from "./path-destination";
import { RunningSource } from "./running-source";
import { text } from "./text";

/** Where so many run, pictures and graphs are shown of those that one asks for. */
const MOST_OPEN = 2;

/** Everything that runs, on one page. */
export function OverviewPage() {
  const streams = useQuery(streamsQuery);
  return (
    <Page title={text.title}>
      <Loaded query={streams}>{(all) => (all.length === 0 ? <Nothing /> : <Everything streams={all} />)}</Loaded>
    </Page>
  );
}

function Everything({ streams }: { streams: readonly Stream[] }) {
  const nameOf = useNameOf();
  const { faults } = useFaults();
  const running = streams.filter(({ state }) => state !== "offline");
  const resting = streams.filter(({ state }) => state === "offline");
  return (
    <>
      {running.length > 0 && <Sums running={running} />}
      <AlertList alerts={alertsOf(streams, faults, nameOf)} />
      {running.length === 0 && <Quiet sources={resting} />}
      {running.map((stream) => (
        <RunningSource key={stream.id} stream={stream} isOpen={running.length <= MOST_OPEN} />
      ))}
      {resting.length > 0 && (
        <Section title={text.resting}>
          <ul className="-my-4 divide-y divide-line sm:-my-5">
            {resting.map((stream) => (
              <RestingSource key={stream.id} stream={stream} />
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Sums({ running }: { running: readonly Stream[] }) {
  const destinations = running.flatMap((stream) => stream.destinations).filter(({ is_active }) => is_active);
  const live = destinations.filter(({ state }) => state === "live").length;
  const viewers = running.reduce((sum, stream) => sum + stream.viewers, 0);
  const arriving = running.reduce((sum, { bitrate_in_bps }) => sum + bitrate_in_bps, 0);
  return (
    <Figures>
      <Figure label={text.sourcesRunning} value={count(running.length)} isLarge />
      <Figure label={text.destinationsLive} value={common.of(count(live), count(destinations.length))} isLarge />
      <Figure label={text.viewers} value={count(viewers)} isLarge />
      <Figure label={text.arriving} value={bitrate(arriving)} isLarge />
    </Figures>
  );
}

/** What stands where sources are and none runs. */
function Quiet({ sources }: { sources: readonly Stream[] }) {
  const first = sources[0];
  return (
    <Empty title={text.quiet} hint={text.quietHint}>
      {first !== undefined && (
        <Link to="/sources/$sourceId" params={{ sourceId: first.id }} className={buttonLook("primary")}>
          {text.connect(first.name)}
        </Link>
      )}
    </Empty>
  );
}

function RestingSource({ stream }: { stream: Stream }) {
  return (
    <li>
      <Link
        to="/sources/$sourceId"
        params={{ sourceId: stream.id }}
        className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 py-2 underline-offset-4 hover:underline"
      >
        <span className="font-semibold wrap-anywhere">{stream.name}</span>
        <span className="flex flex-wrap items-center gap-x-4 text-sm text-muted">
          {plural(text.destinationCount, stream.destinations.length)}
          <Tally state={stream.state} />
        </span>
      </Link>
    </li>
  );
}

/** Before the first source: the guide, for whoever may make one and has not put it aside. */
function Nothing() {
  const mayMake = useIsAtLeast("editor");
  const organisation = useOrganisation();
  const router = useRouter();
  // Whoever goes somewhere else meanwhile is not called back.
  if (organisation === undefined || router.latestLocation.pathname !== "/") return null;
  if (!mayMake) return <Empty title={text.nothing} hint={text.nothingForViewers} />;
  if (!isGuideSkipped()) return <Navigate to="/start" replace />;
  return (
    <Empty title={text.nothing} hint={text.nothingHint}>
      <Link to="/start" className={buttonLook("primary")}>
        {text.guide}
      </Link>
      <Link to="/sources" className={buttonLook("quiet")}>
        {text.toSources}
      </Link>
    </Empty>
  );
}
