import { expect, it } from "vitest";
import { grouped, isUnfinished, told, verdictOf, worstFirst, type Check } from "./checks";

const check = (over: Partial<Check>): Check => ({
  code: "encoder-connected",
  status: "ok",
  destination_id: null,
  message: "",
  actual: null,
  limit: null,
  unit: null,
  ...over,
});

const report = (...checks: Check[]) => ({ checked_at: "2026-11-20T18:00:00Z", is_ready: true, checks });

it("says the figures, the fix, and where it is in OBS", () => {
  const slow = check({ code: "keyframe-interval", status: "problem", actual: 9000, limit: 4000, unit: "ms" });
  const { found, fix, obs } = told(slow, true);
  expect(found).toContain("every 9.0 s; at most 4.0 s");
  expect(fix).toBe("Set the keyframe interval to 2 s.");
  expect(obs).toContain("Keyframe Interval: 2 s");
});

it("gives no advice on what is in order", () => {
  const good = told(check({ code: "video-bitrate", actual: 4_500_000, limit: 6_000_000, unit: "bps" }), true);
  expect(good).toMatchObject({ found: "4.5 Mbit/s arrives.", fix: undefined, obs: undefined });
});

it("waits for what only a running encoder tells", () => {
  expect(told(check({ code: "audio-codec", status: "unknown" }), false).found).toBe("Known as soon as your encoder sends.");
  expect(told(check({ code: "audio-codec", status: "unknown" }), true).found).toContain("Not measured yet");
});

it("tells a check that it does not know in the server's words", () => {
  const odd = check({ code: "constructor", status: "warning", message: "The moon is full." });
  expect(told(odd, true)).toMatchObject({ name: "constructor", found: "The moon is full." });
});

it("calls codecs and sizes what people call them", () => {
  expect(told(check({ code: "video-codec", actual: "avc1.64001f" }), true).found).toBe("The picture comes as H.264.");
  expect(told(check({ code: "audio-codec", actual: "mp4a.40.2" }), true).found).toBe("The sound comes as AAC.");
  expect(told(check({ code: "resolution", actual: "1280x720", unit: "px" }), true).found).toBe("The picture is 1280×720.");
});

it("says what is wrong where a limit is not what is wrong", () => {
  const found = (over: Partial<Check>) => told(check({ status: "warning", ...over }), true).found;
  expect(found({ code: "video-codec", status: "problem" })).toBe("Your encoder sends no picture.");
  expect(found({ code: "resolution", actual: "1279x719", unit: "px" })).toContain("1279×719: with an odd width");
  expect(found({ code: "frame-rate", actual: 12 })).toContain("Only 12 frames");
  expect(found({ code: "frame-rate", actual: 120 })).toContain("at most 60");
  expect(found({ code: "destination-enabled" })).toContain("There is no destination");
  expect(found({ code: "destination-enabled", destination_id: "a" })).toContain("switched off");
});

it("passes on what the platform says to a key", () => {
  const refused = check({ code: "key-accepted", status: "problem", destination_id: "a", message: "bad name" });
  expect(told(refused, true)).toMatchObject({ said: "Bad name.", name: "Stream key" });
});

it("looks again while the encoder is being measured", () => {
  const unknown = check({ code: "frame-rate", status: "unknown" });
  expect(isUnfinished(report(check({}), unknown))).toBe(true);
  expect(isUnfinished(report(check({ status: "problem" }), unknown))).toBe(false);
});

it("shows first what must be corrected", () => {
  const checks = [check({}), check({ status: "unknown" }), check({ status: "warning" }), check({ status: "problem" })];
  expect(worstFirst(checks).map(({ status }) => status)).toEqual(["problem", "warning", "unknown", "ok"]);
});

it("waits rather than complains where only the encoder is missing", () => {
  const missing = check({ status: "problem" });
  expect(verdictOf({ ...report(missing), is_ready: false })).toBe("waiting");
  const refused = check({ code: "key-accepted", status: "problem", destination_id: "a" });
  expect(verdictOf({ ...report(missing, refused), is_ready: false })).toBe("notReady");
});

it("is ready with advice where something could be better", () => {
  expect(verdictOf(report(check({})))).toBe("ready");
  expect(verdictOf(report(check({}), check({ code: "resolution", status: "warning" })))).toBe("readyWithWarnings");
});

it("says nothing of the format of a sound that is not there", () => {
  const silent = check({ code: "audio-present", status: "warning" });
  const format = check({ code: "audio-codec", status: "unknown" });
  expect(grouped([silent, format]).get(null)).toEqual([silent]);
  expect(grouped([format]).get(null)).toEqual([format]);
});

it("begins with the source and keeps the order of destinations", () => {
  const checks = [check({ destination_id: "b" }), check({}), check({ destination_id: "a" })];
  expect([...grouped(checks).keys()]).toEqual([null, "b", "a"]);
});
