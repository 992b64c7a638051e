import { describe, expect, it } from "vitest";
import { isSame, matches } from "./matches";
import type { Schema } from "./schema";

const fits = (schema: Schema | boolean, value: unknown) => matches(schema, value, {});

describe("a condition", () => {
  it("knows types, several of them, and whole numbers", () => {
    expect(fits({ type: "integer" }, 3)).toBe(true);
    expect(fits({ type: "integer" }, 3.5)).toBe(false);
    expect(fits({ type: ["string", "null"] }, null)).toBe(true);
    expect(fits({ type: "object" }, [])).toBe(false);
  });

  it("compares constants by their whole content", () => {
    expect(fits({ const: { a: [1, 2] } }, { a: [1, 2] })).toBe(true);
    expect(fits({ const: { a: [1, 2] } }, { a: [2, 1] })).toBe(false);
    expect(fits({ enum: ["x", null] }, null)).toBe(true);
    expect(fits({ enum: ["x"] }, "y")).toBe(false);
  });

  it("holds for what is not there, unless it must be", () => {
    const schema = { properties: { checkout: { const: "embedded" } } };
    expect(fits(schema, {})).toBe(true);
    expect(fits({ ...schema, required: ["checkout"] }, {})).toBe(false);
    expect(fits({ ...schema, required: ["checkout"] }, { checkout: "hosted" })).toBe(false);
  });

  it("counts characters, not units of UTF-16", () => {
    expect(fits({ maxLength: 1 }, "🎥")).toBe(true);
    expect(fits({ minLength: 2 }, "🎥")).toBe(false);
  });

  it("knows bounds of numbers and lists", () => {
    expect(fits({ minimum: 1, exclusiveMaximum: 3 }, 3)).toBe(false);
    expect(fits({ exclusiveMinimum: 1, maximum: 3 }, 3)).toBe(true);
    expect(fits({ minItems: 1, items: { type: "string" } }, [1])).toBe(false);
    expect(fits({ minItems: 1 }, [])).toBe(false);
  });

  it("combines others", () => {
    expect(fits({ not: { const: 1 } }, 1)).toBe(false);
    expect(fits({ allOf: [{ minimum: 1 }, { maximum: 2 }] }, 3)).toBe(false);
    expect(fits({ anyOf: [{ const: 1 }, { const: 2 }] }, 2)).toBe(true);
    expect(fits({ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3)).toBe(false);
    expect(fits({ if: { const: 1 }, then: false, else: true }, 1)).toBe(false);
    expect(fits({ if: { const: 1 }, then: false, else: true }, 2)).toBe(true);
  });

  it("follows references, and is not caught by one that points at itself", () => {
    const root: Schema = { $defs: { on: { const: true } } };
    expect(matches({ $ref: "#/$defs/on" }, false, root)).toBe(false);
    expect(matches({ $ref: "#" }, 1, { $ref: "#" })).toBe(true);
  });

  it("takes what it does not know to fit", () => {
    expect(fits({ pattern: "^(a+)+$" }, "b")).toBe(true);
    expect(matches("nonsense", 1, {})).toBe(true);
  });
});

it("tells objects with another number of names apart", () => {
  expect(isSame({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(isSame({ a: 1 }, { b: 1 })).toBe(false);
  expect(isSame([1], [1, 2])).toBe(false);
});
