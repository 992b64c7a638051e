import { expect, it } from "vitest";
import type { Stream } from "../api/types";
import { parsed, stepAfter, stepNow } from "./progress";

const stream = (state: string, destinations = 0): Stream =>
  ({ id: "s", state, destinations: Array.from({ length: destinations }, () => ({})) }) as unknown as Stream;

it("goes on where one was, and begins anew without the source", () => {
  const kept = parsed(JSON.stringify({ source: "s", step: "destinations" }));
  expect(stepNow(kept, [stream("offline")])).toMatchObject({ step: "destinations", stream: { id: "s" } });
  expect(stepNow(kept, [])).toEqual({ step: "name" });
});

it("takes nothing for progress that is none", () => {
  for (const kept of [null, "", "skipped", "{}", '{"source":"s","step":"dance"}', '{"source":1,"step":"live"}']) {
    expect(parsed(kept), String(kept)).toBeUndefined();
  }
});

it("moves on by itself when the encoder connects, but not away from a form that is being filled in", () => {
  expect(stepAfter("encoder", stream("offline"), false)).toBe("encoder");
  expect(stepAfter("encoder", stream("live"), false)).toBe("destinations");
  expect(stepAfter("destinations", stream("live"), false)).toBe("destinations");
  expect(stepAfter("destinations", stream("live", 1), true)).toBe("destinations");
  expect(stepAfter("destinations", stream("live", 1), false)).toBe("live");
});
