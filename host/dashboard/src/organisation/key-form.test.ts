import { expect, it } from "vitest";
import { endOf, limitsOf, scopesOf } from "./key-form";

const now = new Date("2026-11-20T12:00:00Z");

function fields(values: Record<string, string | string[]>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) [value].flat().forEach((one) => form.append(name, one));
  return form;
}

it("takes what is ticked", () => {
  expect(scopesOf(fields({ scopes: ["sources:read", "chat:read"] }))).toEqual(["sources:read", "chat:read"]);
  expect(scopesOf(fields({}))).toEqual([]);
});

it("leaves empty limits to the server", () => {
  expect(limitsOf(fields({ per_minute: " 30 ", per_hour: "" }))).toEqual({ per_minute: 30, per_hour: null });
});

it("ends a key never, after days, at the end of a day, or as before", () => {
  expect(endOf(fields({ end: "never" }), now)).toBeNull();
  expect(endOf(fields({ end: "kept" }), now)).toBeUndefined();
  expect(endOf(fields({ end: "30" }), now)).toBe("2026-12-20T12:00:00.000Z");
  const end = new Date(endOf(fields({ end: "day", day: "2026-12-31" }), now) ?? "");
  expect([end.getFullYear(), end.getMonth(), end.getDate(), end.getHours()]).toEqual([2027, 0, 1, 0]);
});
