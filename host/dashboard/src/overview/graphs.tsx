import { useMemo } from "react";
import { bitrate, count, decimal } from "../format/format";
import { useHealth } from "../live/health";
import type { Stream } from "../api/types";
import { Chart } from "../ui/chart";
import { text } from "./text";

/** What arrived and what left over the last minutes. */
export function Graphs({ stream }: { stream: Stream }) {
  const { samples } = useHealth(stream.id);
  const drawn = useMemo(() => {
    const isTaken = samples.some(({ destinations }) => destinations.length > 0);
    return {
      moments: samples.map(({ at }) => Date.parse(at)),
      bitrates: [
        { label: text.arriving, values: samples.map(({ bitrate_in_bps }) => bitrate_in_bps) },
        ...(isTaken
          ? [{ label: text.leaving, values: samples.map(({ destinations }) => total(destinations)), colour: "muted" as const }]
          : []),
      ],
      frames: [{ label: text.frameRate, values: samples.map(({ frame_rate }) => frame_rate ?? null) }],
      viewers: [{ label: text.viewers, values: samples.map(({ viewers }) => viewers) }],
    };
  }, [samples]);
  if (samples.length < 2) return <p className="text-sm text-muted">{text.graphsSoon}</p>;
  return (
    <div className="grid gap-x-8 gap-y-5 md:grid-cols-2 xl:grid-cols-[1.5fr_1fr_1fr]">
      <Chart title={text.bitrate} moments={drawn.moments} series={drawn.bitrates} format={bitrate} />
      <Chart title={text.frameRate} moments={drawn.moments} series={drawn.frames} format={(value) => text.framesPerSecond(decimal(value))} />
      <Chart title={text.viewers} moments={drawn.moments} series={drawn.viewers} format={count} />
    </div>
  );
}

const total = (destinations: readonly { bitrate_out_bps: number }[]) =>
  destinations.reduce((sum, { bitrate_out_bps }) => sum + bitrate_out_bps, 0);
