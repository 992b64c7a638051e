import { expect, it } from "vitest";
import type { Stream } from "../api/types";
import { withFigures, withSample, type Sample } from "./health";

const START = Date.parse("2026-11-20T18:00:00Z");

const sample = (second: number, bitrate = 0): Sample => ({
  at: new Date(START + second * 1000).toISOString(),
  bitrate_in_bps: bitrate,
  frame_rate: 30,
  viewers: 3,
  destinations: [{ id: "a", bitrate_out_bps: bitrate, dropped_frames: 7 }],
});

it("keeps ten minutes of samples and takes each once", () => {
  const first = withSample({ samples: [], events: [] }, sample(0));
  const second = withSample(first, sample(2));
  expect(withSample(second, sample(2))).toBe(second);
  expect(withSample(second, sample(1))).toBe(second);
  expect(withSample(second, sample(601)).samples.map(({ at }) => at)).toEqual([sample(2).at, sample(601).at]);
});

it("gives a stream its figures and leaves its states alone", () => {
  const stream = {
    state: "live",
    bitrate_in_bps: 1,
    destinations: [
      { id: "a", state: "retrying", bitrate_out_bps: 1, dropped_frames: 1 },
      { id: "b", state: "live", bitrate_out_bps: 5, dropped_frames: 0 },
    ],
  } as unknown as Stream;
  const next = withFigures(stream, sample(0, 4000));
  expect(next).toMatchObject({ state: "live", bitrate_in_bps: 4000, viewers: 3 });
  expect(next.destinations[0]).toMatchObject({ state: "retrying", bitrate_out_bps: 4000, dropped_frames: 7 });
  expect(next.destinations[1]).toMatchObject({ state: "live", bitrate_out_bps: 5 });
});
