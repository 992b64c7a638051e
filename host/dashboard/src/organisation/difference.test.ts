import { expect, it } from "vitest";
import { changes, isSecret } from "./difference";

it("tells only what is not what it was", () => {
  expect(changes({ name: "Main", is_active: true }, { name: "Stage", is_active: true })).toEqual([
    { field: "name", before: "Main", after: "Stage" },
  ]);
});

it("goes into objects and takes lists as a whole", () => {
  const before = { limits: { per_minute: 30, per_hour: null }, scopes: ["a"] };
  const after = { limits: { per_minute: 60, per_hour: null }, scopes: ["a", "b"] };
  expect(changes(before, after)).toEqual([
    { field: "limits.per_minute", before: 30, after: 60 },
    { field: "scopes", before: ["a"], after: ["a", "b"] },
  ]);
});

it("shows all of what came or went", () => {
  expect(changes(null, { name: "Main" })).toEqual([{ field: "name", before: undefined, after: "Main" }]);
  expect(changes({ name: "Main" }, null)).toEqual([{ field: "name", before: "Main", after: undefined }]);
});

it("tells that a secret changed, though both sides look alike", () => {
  const secret = { changed: true };
  expect(changes({ password: secret }, { password: secret })).toEqual([{ field: "password", before: secret, after: secret }]);
  expect(isSecret({ changed: true, more: 1 })).toBe(false);
});

it("keeps objects that are empty", () => {
  expect(changes({ config: { a: 1 } }, { config: {} })).toEqual([
    { field: "config", before: undefined, after: {} },
    { field: "config.a", before: 1, after: undefined },
  ]);
});
