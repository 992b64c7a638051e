import { expect, it } from "vitest";
import { decisionsFor, needsReason } from "./decisions";

it("trusts a version in two steps", () => {
  expect(decisionsFor("scanned")[0]).toBe("review");
  expect(decisionsFor("reviewed")[0]).toBe("verify");
  expect(decisionsFor("scanned")).not.toContain("verify");
});

it("offers nothing for what is revoked, which is for good", () => {
  expect(decisionsFor("revoked")).toEqual([]);
});

it("offers a way back from a suspension, and only from it", () => {
  const states = ["draft", "development", "scanned", "reviewed", "verified", "suspended", "revoked"];
  expect(states.filter((state) => decisionsFor(state).includes("reinstate"))).toEqual(["suspended"]);
});

it("asks why whenever something stops or starts again", () => {
  expect((["review", "verify", "suspend", "reinstate", "revoke"] as const).filter(needsReason)).toEqual([
    "suspend",
    "reinstate",
    "revoke",
  ]);
});
