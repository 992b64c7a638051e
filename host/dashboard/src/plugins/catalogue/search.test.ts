import { expect, it } from "vitest";
import { catalogueSearch } from "./search";

it("takes words and known kinds out of an address, and nothing else", () => {
  expect(catalogueSearch({ q: "twitch", kind: "chat", page: 3 })).toEqual({ q: "twitch", kind: "chat" });
  expect(catalogueSearch({ q: "", kind: "virus" })).toEqual({});
  expect(catalogueSearch({ q: ["a"], kind: ["chat"] })).toEqual({});
});
