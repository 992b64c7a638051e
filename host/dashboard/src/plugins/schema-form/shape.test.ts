import { describe, expect, it } from "vitest";
import { grouped, propertiesOf } from "./shape";
import type { Config, Schema } from "./schema";

const names = (schema: Schema, value: Config = {}) => propertiesOf(schema, value, schema).map(({ name }) => name);
const required = (schema: Schema, value: Config = {}) =>
  propertiesOf(schema, value, schema).flatMap(({ name, isRequired }) => (isRequired ? [name] : []));

describe("the order", () => {
  it("is the plugin's, then what must be filled in, then the schema's", () => {
    const schema: Schema = {
      required: ["c"],
      properties: { a: {}, b: { "x-order": 2 }, c: {}, d: { "x-order": 1 } },
    };
    expect(names(schema)).toEqual(["d", "b", "c", "a"]);
  });
});

describe("a condition on another field", () => {
  const stripe: Schema = {
    properties: {
      checkout: { type: "string", enum: ["hosted", "embedded"], default: "hosted" },
      key: { type: "string", "x-when": { checkout: "embedded" } },
    },
    if: { properties: { checkout: { const: "embedded" } }, required: ["checkout"] },
    then: { required: ["key"] },
    else: { properties: { page: { type: "string" } } },
  };

  it("shows a field when its value is there", () => {
    expect(names(stripe)).toEqual(["checkout", "page"]);
    expect(names(stripe, { checkout: "embedded" })).toEqual(["checkout", "key"]);
    expect(required(stripe, { checkout: "embedded" })).toEqual(["key"]);
  });

  it("keeps a field behind the one that it waits for", () => {
    const schema: Schema = { properties: { a: { "x-when": { c: 1 } }, b: {}, c: {}, d: {} } };
    expect(names(schema, { c: 1 })).toEqual(["b", "c", "a", "d"]);
  });

  it("counts what is usual as the value where nothing is set", () => {
    const schema: Schema = {
      properties: { action: { default: "timeout" }, seconds: { "x-when": { action: ["timeout", "ban"] } } },
    };
    expect(names(schema)).toEqual(["action", "seconds"]);
    expect(names(schema, { action: "ban" })).toEqual(["action", "seconds"]);
    expect(names(schema, { action: "hold" })).toEqual(["action"]);
  });

  it("may ask for more once a field is set", () => {
    const schema: Schema = {
      properties: { user: {}, password: {} },
      dependentRequired: { user: ["password"] },
      dependentSchemas: { user: { properties: { realm: {} } } },
    };
    expect(required(schema)).toEqual([]);
    expect(names(schema)).toEqual(["user", "password"]);
    expect(required(schema, { user: "x" })).toEqual(["password"]);
    expect(names(schema, { user: "x" })).toContain("realm");
  });
});

describe("alternatives", () => {
  const server: Schema = {
    oneOf: [
      { title: "By region", properties: { by: { const: "region" }, region: {} }, required: ["by", "region"] },
      { title: "By address", properties: { by: { const: "url" }, url: {} }, required: ["by", "url"] },
    ],
  };

  it("are chosen by the field whose constant tells them apart", () => {
    expect(names(server)).toEqual(["by"]);
    expect(names(server, { by: "url" })).toEqual(["by", "url"]);
    expect(required(server, { by: "url" })).toEqual(["by", "url"]);
    const [by] = propertiesOf(server, { by: "url" }, server);
    expect(by?.schema.oneOf).toEqual([
      { const: "region", title: "By region" },
      { const: "url", title: "By address" },
    ]);
    expect(by?.schema.const).toBeUndefined();
  });

  it("are told apart by the field that the schema names", () => {
    const schema: Schema = {
      discriminator: { propertyName: "by" },
      anyOf: [{ properties: { by: { enum: ["a"] }, x: {} } }, { properties: { by: { enum: ["b"] }, y: {} } }],
    };
    expect(names(schema, { by: "b" })).toEqual(["by", "y"]);
  });

  it("that nothing tells apart are all shown, and none must be filled in", () => {
    const schema: Schema = {
      oneOf: [
        { properties: { a: {} }, required: ["a"] },
        { properties: { b: {} }, required: ["b"] },
      ],
    };
    expect(names(schema)).toEqual(["a", "b"]);
    expect(required(schema)).toEqual([]);
  });
});

it("puts schemas together that all hold, and follows references", () => {
  const schema: Schema = {
    $defs: { channel: { title: "Channel", type: "string" } },
    allOf: [{ properties: { channel: { $ref: "#/$defs/channel", description: "Yours" } }, required: ["channel"] }],
  };
  expect(propertiesOf(schema, {}, schema)).toEqual([
    { name: "channel", schema: { title: "Channel", type: "string", description: "Yours" }, isRequired: true },
  ]);
});

it("ends on a schema that speaks of itself", () => {
  const schema: Schema = { properties: { a: {} }, allOf: [{ $ref: "#" }] };
  expect(names(schema)).toEqual(["a"]);
});

it("leaves out a field that may not be there", () => {
  expect(names({ properties: { a: false, b: true } })).toEqual(["b"]);
});

describe("groups", () => {
  it("stand where their first field does, with what is advanced last", () => {
    const schema: Schema = {
      required: ["must"],
      properties: {
        must: { "x-group": "advanced" },
        rare: { "x-group": "advanced" },
        name: { "x-group": "channel" },
        plain: {},
        account: { "x-group": "channel" },
      },
    };
    const groups = grouped(propertiesOf(schema, {}, schema));
    expect(groups.map(({ name, properties }) => [name, properties.map((one) => one.name)])).toEqual([
      [undefined, ["must", "plain"]],
      ["channel", ["name", "account"]],
      ["advanced", ["rare"]],
    ]);
  });
});
