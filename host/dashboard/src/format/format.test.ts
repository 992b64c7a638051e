import { expect, it } from "vitest";
import { bitrate, secondsUntil, sentence, track } from "./format";

it("writes bit rates in the unit that fits", () => {
  expect(bitrate(0)).toBe("–");
  expect(bitrate(640_400)).toBe("640 kbit/s");
  expect(bitrate(2_540_000)).toBe("2.5 Mbit/s");
});

it("counts down to zero and not below", () => {
  const moment = "2026-11-20T12:00:10.500Z";
  expect(secondsUntil(moment, Date.parse("2026-11-20T12:00:08Z"))).toBe(3);
  expect(secondsUntil(moment, Date.parse("2026-11-20T12:00:11Z"))).toBe(0);
});

it("names tracks by codec and size or sample rate", () => {
  expect(track({ codec: "avc1.64001f", width: 1280, height: 720 })).toBe("avc1.64001f 1280×720");
  expect(track({ codec: "mp4a.40.2", sample_rate: 48_000 })).toBe("mp4a.40.2 48 kHz");
});

it("makes sentences of what programs say", () => {
  expect(sentence("the target refused the key")).toBe("The target refused the key.");
  expect(sentence("Really?")).toBe("Really?");
});
