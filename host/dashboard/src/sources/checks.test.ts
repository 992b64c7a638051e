import { expect, it } from "vitest";
import { grouped, told, verdictOf, type Check } from "./checks";

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
  const { found, fix, obs } = told(slow);
  expect(found).toContain("every 9.0 s; at most 4.0 s");
  expect(fix).toBe("Set the keyframe interval to 2 s.");
  expect(obs).toContain("Keyframe Interval: 2 s");
});

it("gives no advice on what is in order", () => {
  const good = told(check({ code: "video-bitrate", actual: 4_500_000, limit: 6_000_000, unit: "bps" }));
  expect(good).toMatchObject({ found: "4.5 Mbit/s arrives.", fix: undefined, obs: undefined });
});

it("waits for what only a running encoder tells", () => {
  expect(told(check({ code: "audio-codec", status: "unknown" })).found).toBe("Known as soon as your encoder sends.");
});

it("tells a check that it does not know in the server's words", () => {
  const odd = check({ code: "constructor", status: "warning", message: "The moon is full." });
  expect(told(odd)).toMatchObject({ name: "constructor", found: "The moon is full." });
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

it("begins with the source and keeps the order of destinations", () => {
  const checks = [check({ destination_id: "b" }), check({}), check({ destination_id: "a" })];
  expect([...grouped(checks).keys()]).toEqual([null, "b", "a"]);
});
