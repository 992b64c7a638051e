import type { ReactNode } from "react";
import { bitrate, decimal, track } from "../format/format";
import type { Stream } from "../api/types";
import { brand } from "../brand/brand";
import { plural } from "../text/plural";
import { toneOf, tallyEdge, Tally } from "../ui/tally";
import { Fan, StraightLine } from "./lines";
import { wayOf } from "./path-layout";
import { PathDestination, stateOf } from "./path-destination";
import { text } from "./text";

interface Props {
  stream: Stream;
  /** The live picture, where there is room for one. */
  preview?: ReactNode;
}

/**
 * The way of a stream, as it is at this moment: from the encoder through this host to viewers and destinations.
 *
 * Lines flow where bytes are acknowledged and stand still where they are not; beside each stands why, and what to do.
 */
export function SignalPath({ stream, preview }: Props) {
  const destinations = stream.destinations;
  const ways = [wayOf(stream.state), ...destinations.map((destination) => wayOf(stateOf(destination)))];
  return (
    <div className="@container" data-path={stream.id}>
      <div className="grid @3xl:grid-cols-[minmax(0,25.5rem)_minmax(0,1fr)]">
        <div className="grid self-start @3xl:grid-cols-[minmax(0,1fr)_2.5rem_8.5rem] @3xl:items-center">
          <EncoderNode stream={stream}>{preview}</EncoderNode>
          <StraightLine way={wayOf(stream.state)} />
          <HostNode stream={stream} />
        </div>
        <div className="grid grid-cols-[2rem_minmax(0,1fr)] @3xl:grid-cols-[4rem_minmax(0,1fr)]">
          <Fan ways={ways} />
          <ul aria-label={text.endsOf(stream.name)} className="grid content-start gap-2.5 py-2.5 @3xl:py-0">
            <ViewersNode stream={stream} />
            {destinations.map((destination) => (
              <PathDestination key={destination.id} destination={destination} source={stream} />
            ))}
          </ul>
        </div>
      </div>
    </div>
  );
}

const nodeLook = "min-w-0 rounded-md border border-line bg-surface";

function EncoderNode({ stream, children }: { stream: Stream; children: ReactNode }) {
  const frames = stream.frame_rate;
  const picture = stream.tracks.find(({ width }) => width != null);
  return (
    <div className={`${nodeLook} ${tallyEdge(toneOf(stream.state))} overflow-hidden`} data-node="encoder">
      {children}
      <div className="grid gap-1 px-3 py-2.5">
        <div className="flex flex-wrap items-center justify-between gap-x-3">
          <p className="font-semibold">{text.encoder}</p>
          <Tally state={stream.state} />
        </div>
        {stream.state !== "offline" && (
          <p className="flex flex-wrap gap-x-3 text-sm text-muted tabular-nums">
            <span>{bitrate(stream.bitrate_in_bps)}</span>
            {frames != null && <span>{text.framesPerSecond(decimal(frames))}</span>}
            {picture !== undefined && <span dir="ltr">{track(picture)}</span>}
          </p>
        )}
      </div>
    </div>
  );
}

function HostNode({ stream }: { stream: Stream }) {
  const interval = stream.keyframe_interval_ms;
  return (
    <div className={`${nodeLook} bg-sunken px-3 py-2.5`} data-node="host">
      <p className="font-semibold">{brand.name}</p>
      {interval != null && (
        <p className="text-sm text-muted tabular-nums">{text.keyframesEvery(decimal(interval / 1000))}</p>
      )}
    </div>
  );
}

function ViewersNode({ stream }: { stream: Stream }) {
  return (
    <li className={`${nodeLook} ${tallyEdge(toneOf(stream.state))} px-3 py-2.5`} data-node="viewers">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p className="font-semibold">{text.viewers}</p>
        <div className="flex flex-wrap items-center gap-x-4 text-sm">
          <span className="tabular-nums">{plural(text.viewerCount, stream.viewers)}</span>
          <a
            href={`/watch/${stream.playback_id}`}
            target="_blank"
            rel="noopener"
            className="inline-flex min-h-6 items-center font-medium text-accent underline-offset-4 hover:underline"
          >
            {text.watch}
          </a>
        </div>
      </div>
    </li>
  );
}
