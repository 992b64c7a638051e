import { Link } from "@tanstack/react-router";
import type { Stream } from "../api/types";
import { SignalPath } from "../overview/signal-path";
import { PreFlight } from "../sources/pre-flight";
import { buttonLook } from "../ui/button";
import { Preview, usePreviewToken } from "../ui/preview";
import { Tally } from "../ui/tally";
import { ImportSteps } from "./encoder-step";
import { skipGuide } from "./progress";
import { text } from "./text";

/** Waits for the encoder; then shows the picture and how every destination is doing. */
export function LiveStep({ stream }: { stream: Stream }) {
  const isTokenOnly = stream.visibility === "token-only";
  const token = usePreviewToken(stream.id, isTokenOnly);
  const isRunning = stream.state !== "offline";
  return (
    <div className="grid gap-6">
      {isRunning ? (
        <p role="status" className="text-lg font-semibold">
          {stream.state === "live" ? text.isLive : text.isArriving}
        </p>
      ) : (
        <Waiting />
      )}
      <SignalPath
        stream={stream}
        preview={
          isRunning ? (
            <Preview playbackId={stream.playback_id} isLive={stream.state === "live"} token={token} isTokenOnly={isTokenOnly} />
          ) : undefined
        }
      />
      <section className="grid gap-3">
        <h3 className="font-semibold">{text.preFlight}</h3>
        <PreFlight sourceId={stream.id} />
      </section>
      <div className="flex flex-wrap gap-2">
        <Link to="/" onClick={skipGuide} className={buttonLook(isRunning ? "primary" : "quiet")}>
          {text.toOverview}
        </Link>
      </div>
    </div>
  );
}

function Waiting() {
  return (
    <div className="grid gap-3 rounded-md border border-line border-s-4 border-s-warn bg-surface p-4">
      <Tally state="starting" tone="wait">
        {text.waiting}
      </Tally>
      <p>{text.waitingHint}</p>
      <details className="text-sm">
        <summary className="min-h-6 w-fit font-medium text-accent">{text.importAgain}</summary>
        <div className="mt-2">
          <ImportSteps />
        </div>
      </details>
    </div>
  );
}
