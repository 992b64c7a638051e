import { expect, it } from "vitest";
import { drop, swing, wayOf } from "./path-layout";

it("leaves and arrives level", () => {
  expect(swing(80, 100, 20)).toBe("M0 100C40 100 40 20 80 20");
  expect(swing(80, 33.333, 33.333)).toBe("M0 33.3C40 33.3 40 33.3 80 33.3");
});

it("turns from the trunk with a corner that always fits", () => {
  expect(drop(32, 8, 100)).toBe("M8 0V90Q8 100 18 100H32");
  expect(drop(12, 8, 3)).toBe("M8 0V0Q8 3 11 3H12");
});

it("flows for nothing but a live state", () => {
  const states = ["live", "starting", "connecting", "retrying", "reconnecting", "failed", "idle", "off", "offline"];
  expect(states.filter((state) => wayOf(state) === "flowing")).toEqual(["live"]);
  expect(wayOf("failed")).toBe("halted");
  expect(wayOf("off")).toBe("idle");
});
