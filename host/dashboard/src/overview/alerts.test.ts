import { expect, it } from "vitest";
import type { Stream } from "../api/types";
import type { Fault } from "../live/faults";
import { alertsOf } from "./alerts";

const destination = (id: string, state: string, code?: string, is_active = true) => ({
  id,
  name: id,
  state,
  is_active,
  reason: code === undefined ? null : { code, message: "as the server says" },
});

const stream = (change: object): Stream =>
  ({ id: "s", name: "Studio", state: "live", warnings: [], destinations: [], ...change }) as unknown as Stream;

const fault: Fault = {
  installation_id: "i",
  plugin: "neustream/twitch",
  code: "plugin-trap",
  message: "it trapped",
  at: "2026-11-20T18:00:00Z",
  is_disabled: true,
};

const nameOf = ({ name }: { name: string }) => name.toUpperCase();

it("is silent where all is well, and about what does not run", () => {
  expect(alertsOf([stream({ destinations: [destination("a", "live")] })], [], nameOf)).toEqual([]);
  const offline = stream({ state: "offline", warnings: [{ code: "old", message: "old" }], destinations: [destination("a", "failed", "rejected")] });
  expect(alertsOf([offline], [], nameOf)).toEqual([]);
  const off = stream({ destinations: [destination("a", "failed", "rejected", false)] });
  expect(alertsOf([off], [], nameOf)).toEqual([]);
});

it("names the destination with what to do, failures first", () => {
  const destinations = [destination("slow", "live", "slow"), destination("broken", "failed", "rejected")];
  const alerts = alertsOf([stream({ destinations })], [], nameOf);
  expect(alerts.map(({ destination, tone }) => [destination, tone])).toEqual([
    ["BROKEN", "bad"],
    ["SLOW", "wait"],
  ]);
  expect(alerts[0]?.todo).toContain("key");
});

it("passes on warnings of the session, a lost encoder and faults of plugins", () => {
  const warnings = [{ code: "moon-phase", message: "the moon is full" }, { code: "streaming-hours-low", message: "9 of 10" }];
  const alerts = alertsOf([stream({ state: "reconnecting", warnings })], [fault], nameOf);
  expect(alerts.map(({ about }) => about)).toEqual(["neustream/twitch", "Studio", "Studio", "Studio"]);
  expect(alerts.map(({ message }) => message)).toContain("The moon is full.");
  expect(alerts.at(-1)?.todo).toContain("hours");
  expect(alerts[0]).toMatchObject({ tone: "bad", fault });
});
