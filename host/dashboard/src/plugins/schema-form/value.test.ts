import { describe, expect, it } from "vitest";
import type { Schema } from "./schema";
import { configToSend, linesOf, typed, withValue } from "./value";

describe("what is written", () => {
  it("gets the type of its schema", () => {
    expect(typed("3", { type: "integer" })).toBe(3);
    expect(typed(" 2.5 ", { type: "number" })).toBe(2.5);
    expect(typed("3", { type: "string" })).toBe("3");
    expect(typed("3", { type: ["integer", "null"] })).toBe(3);
    expect(typed("  ", { type: "string" })).toBeUndefined();
  });

  it("is left to the server where it is no number", () => {
    expect(typed("many", { type: "integer" })).toBe("many");
    expect(typed("Infinity", { type: "number" })).toBe("Infinity");
  });

  it("is one value a line in a list, without empty lines", () => {
    expect(linesOf("a\n\n b \n", { type: "string" })).toEqual(["a", "b"]);
    expect(linesOf("1\n2", { type: "integer" })).toEqual([1, 2]);
  });
});

it("takes a field away that nothing stands in", () => {
  expect(withValue({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
  expect(withValue({ a: 1 }, "b", false)).toEqual({ a: 1, b: false });
});

describe("what is sent", () => {
  const closed = (schema: Schema): Schema => ({ type: "object", additionalProperties: false, ...schema });

  it("leaves out what is empty, and trims texts", () => {
    const schema = closed({ properties: { a: { type: "string" }, b: { type: "string" }, c: { type: "boolean" } } });
    expect(configToSend(schema, { a: " rtmp://x ", b: "  ", c: false })).toEqual({ a: "rtmp://x", c: false });
  });

  it("leaves out fields that a condition took away", () => {
    const schema = closed({
      properties: { action: { type: "string" }, seconds: { type: "integer", "x-when": { action: "timeout" } } },
    });
    expect(configToSend(schema, { action: "hold", seconds: 5 })).toEqual({ action: "hold" });
    expect(configToSend(schema, { action: "timeout", seconds: 5 })).toEqual({ action: "timeout", seconds: 5 });
  });

  it("leaves out the fields of alternatives that were not chosen", () => {
    const schema: Schema = {
      oneOf: [
        { properties: { by: { const: "region" }, region: { type: "string" } } },
        { properties: { by: { const: "url" }, url: { type: "string" } } },
      ],
    };
    expect(configToSend(schema, { by: "url", region: "eu", url: "x" })).toEqual({ by: "url", url: "x" });
  });

  it("brings constants and boxes that must be there", () => {
    const schema = closed({
      required: ["version", "agreed", "region", "name"],
      properties: {
        version: { const: 2 },
        agreed: { type: "boolean" },
        region: { enum: ["eu", "us"], default: "eu" },
        name: { type: "string" },
      },
    });
    expect(configToSend(schema, {})).toEqual({ version: 2, agreed: false, region: "eu" });
  });

  it("keeps what a schema does not know unless that is forbidden", () => {
    const schema: Schema = { properties: { a: { type: "string" } } };
    expect(configToSend(schema, { a: "x", old: 1 })).toEqual({ a: "x", old: 1 });
    expect(configToSend(closed(schema), { a: "x", old: 1 })).toEqual({ a: "x" });
    expect(configToSend({ ...schema, unevaluatedProperties: false }, { old: 1 })).toEqual({});
  });

  it("goes into objects and lists of them, and leaves out an object of nothing", () => {
    const rule = closed({ properties: { name: { type: "string" }, terms: { type: "array" } } });
    const schema = closed({
      properties: { rules: { type: "array", items: rule }, links: closed({ properties: { action: { type: "string" } } }) },
    });
    expect(configToSend(schema, { rules: [{ name: "a ", x: 1 }], links: { action: "" } })).toEqual({
      rules: [{ name: "a" }],
    });
    expect(configToSend({ ...schema, required: ["links"] }, {})).toEqual({ links: {} });
  });

  it("keeps a list that was emptied on purpose", () => {
    const schema = closed({ properties: { roles: { type: "array", items: { type: "string" }, default: ["vip"] } } });
    expect(configToSend(schema, { roles: [] })).toEqual({ roles: [] });
  });
});
