import { afterEach, expect, it, vi } from "vitest";
import { keepDraft, keptDraft, wayBackOf, wayBackTo } from "./way-back";

afterEach(() => {
  vi.unstubAllGlobals();
});

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

it("finds what stood in the form that one left, and not in another one", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  const draft = { name: "Main channel", account: "with-key", config: { ingest: "Frankfurt" } };
  const left = wayBackTo("/sources/7/destinations", { add: "neustream/twitch" });
  expect(keptDraft(left)).toBeUndefined();
  keepDraft(left, draft);
  expect(keptDraft(left)).toEqual(draft);
  expect(keptDraft(wayBackTo("/sources/8/destinations", { add: "neustream/twitch" }))).toBeUndefined();
});
