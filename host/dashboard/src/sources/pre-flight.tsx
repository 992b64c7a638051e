import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { call } from "../api/client";
import type { Stream } from "../api/types";
import { streamsQuery } from "../live/streams";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Loading } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import { Tally, tallyEdge, type Tone } from "../ui/tally";
import { grouped, hadEncoder, isUnfinished, told, verdictOf, worstFirst, type CheckStatus, type PreFlightReport, type ToldCheck, type Verdict } from "./checks";
import { useCurrentSource } from "./current";
import { text } from "./checks/text";

const statusTones: Record<CheckStatus, Tone> = { ok: "good", warning: "wait", problem: "bad", unknown: "quiet" };

const verdictTones: Record<Verdict, Tone> = {
  ready: "good",
  readyWithWarnings: "wait",
  notReady: "bad",
  waiting: "quiet",
};

const verdictHints: Record<Verdict, string> = {
  ready: text.preFlight.readyHint,
  readyWithWarnings: text.preFlight.readyWithWarningsHint,
  notReady: text.preFlight.notReadyHint,
  waiting: text.preFlight.waitingHint,
};

const AGAIN_MS = 4000;
const MOST_RUNS = 4;

/** The pre-flight among the pages of a source. */
export function PreFlightPage() {
  return <PreFlight sourceId={useCurrentSource().id} />;
}

/**
 * Checks a source and its destinations against each other before it goes live, and says what to do about what is wrong.
 *
 * It runs when it is shown, when somebody asks, and when the encoder comes.
 */
export function PreFlight({ sourceId }: { sourceId: string }) {
  const streams = useQuery(streamsQuery);
  const source = streams.data?.find(({ id }) => id === sourceId);
  const run = useQuery({
    queryKey: ["pre-flight", sourceId],
    queryFn: async ({ signal }) =>
      (await call("post", "/api/sources/{id}/pre-flight", { parameters: { id: sourceId }, signal })) as PreFlightReport,
    // It knocks at platforms: nobody does that without being asked.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // What takes a moment to be measured is looked at again, but not for ever.
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data !== undefined && isUnfinished(data) && dataUpdateCount < MOST_RUNS && AGAIN_MS,
    retry: false,
    gcTime: 0,
  });
  useRunAgain(source, () => void run.refetch());
  return (
    <div className="grid gap-6">
      <div aria-live="polite" className="grid gap-6">
        {run.data !== undefined && <Summary report={run.data} />}
        <ErrorNote error={run.error} />
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button isBusy={run.isFetching} onClick={() => void run.refetch()}>
          {run.isFetching ? text.preFlight.running : text.preFlight.run}
        </Button>
        {run.data !== undefined && (
          <span className="text-sm text-muted">
            {text.preFlight.checkedAt} <Moment at={run.data.checked_at} />
          </span>
        )}
      </div>
      {run.data === undefined ? (
        run.isFetching && <Loading lines={5} />
      ) : (
        <Groups report={run.data} source={source} />
      )}
    </div>
  );
}

/** What the encoder sends is known once it is there, and its keyframes a moment later. */
function useRunAgain(source: Stream | undefined, again: () => void) {
  const isRunning = source !== undefined && source.state !== "offline";
  const isMeasured = isRunning && source.keyframe_interval_ms != null;
  const before = useRef({ isRunning, isMeasured });
  useEffect(() => {
    const was = before.current;
    before.current = { isRunning, isMeasured };
    if (isRunning !== was.isRunning || (isMeasured && !was.isMeasured)) again();
  });
}

function Summary({ report }: { report: PreFlightReport }) {
  const verdict = verdictOf(report);
  const tone = verdictTones[verdict];
  return (
    <div className={`grid gap-1 rounded-lg border border-line bg-surface p-4 sm:px-5 ${tallyEdge(tone)}`}>
      <p className="text-xl font-bold">{text.preFlight[verdict]}</p>
      <p className="text-muted">{verdictHints[verdict]}</p>
    </div>
  );
}

function Groups({ report, source }: { report: PreFlightReport; source: Stream | undefined }) {
  return [...grouped(report.checks)].map(([destination, checks]) => {
    const found = source?.destinations.find(({ id }) => id === destination);
    const name = destination === null ? text.preFlight.source : (found?.name || found?.platform);
    if (checks.length === 0 || name === undefined) return null;
    return (
      <Section key={destination} title={name} isBare>
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {worstFirst(checks).map((check) => (
            <CheckLine key={check.code} check={told(check, hadEncoder(report))} />
          ))}
        </ul>
      </Section>
    );
  });
}

/** One check: what is in order in a line, what is not with what to do. */
function CheckLine({ check: { code, status, name, found, said, fix, obs } }: { check: ToldCheck }) {
  const tone = statusTones[status];
  const edge = status === "problem" || status === "warning" ? tallyEdge(tone) : tallyEdge("quiet");
  return (
    <li
      data-check={code}
      className={`grid gap-x-6 gap-y-1 px-4 py-2.5 sm:grid-cols-[9.5rem_12rem_minmax(0,1fr)] sm:items-baseline ${edge}`}
    >
      <Tally state={status} tone={tone} isStill>
        {text.preFlight.status[status]}
      </Tally>
      <h3 className="font-semibold">{name}</h3>
      <div className="grid gap-1">
        <p>{found}</p>
        {said !== undefined && (
          <p lang="en" dir="ltr" className="text-start text-sm text-muted wrap-anywhere rtl:text-end">
            {said}
          </p>
        )}
        {fix !== undefined && (
          <p>
            <strong>{text.preFlight.fix}:</strong> {fix}
          </p>
        )}
        {obs !== undefined && (
          <p className="text-sm text-muted">
            {text.preFlight.whereInObs}: <bdi>{obs}</bdi>
          </p>
        )}
      </div>
    </li>
  );
}
