import { expect, it } from "vitest";
import { wayBack } from "./way-back";

it("leads back to pages of this host only", () => {
  expect(wayBack("/sources/1?tab=keys")).toBe("/sources/1?tab=keys");
  for (const next of [undefined, "", "sources", "//evil.example", "/\\evil.example", "https://evil.example"]) {
    expect(wayBack(next), String(next)).toBe("/");
  }
});
