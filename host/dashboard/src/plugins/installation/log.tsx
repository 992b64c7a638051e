import { useEffect, useRef, useState } from "react";
import type { InstallationBody, LogLineBody } from "../../../generated/schema";
import { dateAndTime, clockToTheSecond } from "../../format/format";
import { plural } from "../../text/plural";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Select } from "../../ui/field";
import { Tally } from "../../ui/tally";
import { followLog, gapBefore, withLines } from "./log-lines";
import { InstallationFrame } from "./frame";
import { text } from "./text";

/** Asks again so much later when the server went away. */
const PAUSE_MS = 3000;

const levels = ["debug", "info", "warn", "error"] as const;

/** The log of an installation, as it is written. */
export function LogPage() {
  return <InstallationFrame>{(installation) => <Log key={installation.id} installation={installation} />}</InstallationFrame>;
}

function Log({ installation: { id } }: { installation: InstallationBody }) {
  const { lines, isFollowing, error } = useLog(id);
  const [least, setLeast] = useState<string>("debug");
  const [pausedAt, setPausedAt] = useState<number>();
  const shownUntil = pausedAt ?? lines.length;
  const visible = lines.slice(0, shownUntil).filter(({ level }) => rank(level) >= rank(least));
  const waiting = lines.length - shownUntil;
  const missed = lines.reduce((sum, line, index) => sum + gapBefore(line, lines[index - 1]), 0);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="w-52">
          <Select label={text.log.level} value={least} onChange={(event) => setLeast(event.target.value)}>
            {levels.map((level) => (
              <option key={level} value={level}>
                {text.log.levels[level]}
              </option>
            ))}
          </Select>
        </div>
        <div className="flex flex-wrap items-center gap-4">
          <Tally state="log" tone={isFollowing ? "good" : "wait"}>
            {isFollowing ? text.log.following : text.log.connecting}
          </Tally>
          <Button
            aria-pressed={pausedAt !== undefined}
            onClick={() => setPausedAt(pausedAt === undefined ? lines.length : undefined)}
          >
            {pausedAt === undefined ? text.log.pause : text.log.goOn}
          </Button>
        </div>
      </div>
      <ErrorNote error={error} />
      {waiting > 0 && <p className="text-sm text-muted">{plural(text.log.waiting, waiting)}</p>}
      <Lines lines={visible} isPaused={pausedAt !== undefined} />
      <p className="text-sm text-muted">
        {text.log.kept} {missed > 0 && plural(text.log.missed, missed)}
      </p>
    </div>
  );
}

const rank = (level: string) => levels.findIndex((one) => one === level);

/** The log from what is kept on, for as long as the page is shown. */
function useLog(id: string) {
  const [lines, setLines] = useState<readonly LogLineBody[]>([]);
  const [isFollowing, setIsFollowing] = useState(false);
  const [error, setError] = useState<unknown>();
  const last = useRef(0);
  useEffect(() => {
    const over = new AbortController();
    let pause: ReturnType<typeof setTimeout> | undefined;
    const onLines = (more: LogLineBody[]) => {
      last.current = more.at(-1)?.number ?? last.current;
      setLines((known) => withLines(known, more));
    };
    const onOpen = () => {
      setIsFollowing(true);
      setError(undefined);
    };
    const follow = async () => {
      try {
        await followLog({ installation: id, signal: over.signal, after: last.current, onOpen, onLines });
      } catch (cause) {
        if (over.signal.aborted) return;
        setError(cause);
        // The server may have begun anew, and with it the numbers.
        last.current = 0;
      }
      if (over.signal.aborted) return;
      setIsFollowing(false);
      pause = setTimeout(() => void follow(), PAUSE_MS);
    };
    void follow();
    return () => {
      over.abort();
      clearTimeout(pause);
    };
  }, [id]);
  return { lines, isFollowing, error };
}

const colours: Record<string, string> = { warn: "text-warn", error: "text-bad", debug: "text-muted" };

function Lines({ lines, isPaused }: { lines: readonly LogLineBody[]; isPaused: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    // Whoever scrolled up reads something there.
    if (element !== null && isAtEnd.current && !isPaused) element.scrollTop = element.scrollHeight;
  }, [lines, isPaused]);
  return (
    <div
      ref={box}
      role="log"
      aria-label={text.tabs.log}
      tabIndex={0}
      dir="ltr"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
      className="h-[55dvh] overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-sm"
    >
      {lines.length === 0 && <p dir="auto" className="font-sans text-muted">{text.log.empty}</p>}
      {lines.map((line) => (
        <Line key={`${line.at} ${line.number}`} line={line} />
      ))}
    </div>
  );
}

function Line({ line: { at, level, text: said } }: { line: LogLineBody }) {
  return (
    <p className="grid grid-cols-[auto_auto_minmax(0,1fr)] gap-x-3 max-sm:grid-cols-[auto_minmax(0,1fr)]">
      <time dateTime={at} title={dateAndTime(at)} className="text-muted">
        {clockToTheSecond(at)}
      </time>
      <span className={`font-semibold ${colours[level] ?? ""}`}>{text.log.levels[level] ?? level}</span>
      <span className="wrap-anywhere whitespace-pre-wrap max-sm:col-span-2">{said}</span>
    </p>
  );
}
