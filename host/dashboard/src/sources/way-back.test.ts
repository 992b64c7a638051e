import { expect, it } from "vitest";
import { wayBackOf, wayBackTo } from "./way-back";

it("comes back with what was being done and how it went", () => {
  const address = new URL(wayBackTo("/sources/7/destinations", { add: "neustream/twitch" }), "https://host.example");
  address.search += "&oauth=failed&code=oauth-denied&installation=42&secret=account";
  expect(wayBackOf(Object.fromEntries(address.searchParams))).toEqual({
    add: "neustream/twitch",
    oauth: "failed",
    code: "oauth-denied",
    installation: "42",
  });
});

it("takes nothing else from an address", () => {
  expect(wayBackOf({ oauth: "maybe", add: 7, x: "y" })).toEqual({});
});
