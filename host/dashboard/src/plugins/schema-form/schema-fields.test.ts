import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { SchemaFields, SecretFields, type Config, type Problems } from ".";
import type { Schema } from "./schema";

function markup(schema: Schema, value: Config = {}, problems: Problems = {}, isPartial = false): string {
  return renderToStaticMarkup(createElement(SchemaFields, { schema, value, onChange: () => {}, problems, isPartial }));
}

describe("a field", () => {
  it("has the name, the hint, the example and the bounds of its schema", () => {
    const shown = markup({
      required: ["url"],
      properties: {
        url: { type: "string", title: "Server", description: "Where to.", "x-widget": "url", maxLength: 80, examples: ["rtmp://x"] },
      },
    });
    expect(shown).toContain(">Server</label>");
    expect(shown).toContain("Where to.");
    expect(shown).toMatch(/<input(?=[^>]*placeholder="rtmp:\/\/x")(?=[^>]*required="")(?=[^>]*maxLength="80")/i);
  });

  it("tells the range, the unit and what is usual of a number", () => {
    const shown = markup({
      properties: { s: { type: "integer", title: "Pause", minimum: 1, maximum: 3600, default: 60, "x-unit": "s" } },
    });
    expect(shown).toContain(">Pause (s)</label>");
    expect(shown).toContain("From 1 to 3,600. Usually: 60.");
    expect(shown).toMatch(/<input(?=[^>]*type="number")(?=[^>]*min="1")(?=[^>]*max="3600")(?=[^>]*step="1")/);
  });

  it("offers what is usual among choices that may be left open", () => {
    const shown = markup({ properties: { a: { enum: ["hold", "hide"], default: "hold" } } });
    expect(shown).toContain(`<option value="" selected="">As usual: hold</option>`);
    expect(markup({ required: ["a"], properties: { a: { enum: ["eu"] } } })).toContain("Not chosen");
  });

  it("keeps a value that is no choice any more in sight", () => {
    expect(markup({ properties: { a: { enum: ["eu"] } } }, { a: "mars" })).toContain(`<option value="unknown" selected="">mars</option>`);
  });

  it("shows lists with what is usual in them", () => {
    const shown = markup({ properties: { roles: { type: "array", items: { type: "string" }, default: ["vip", "mod"] } } });
    expect(shown).toMatch(/<textarea[^>]*>vip\nmod<\/textarea>/);
    expect(shown).toContain("One per line.");
  });

  it("ticks boxes for a list of known values", () => {
    const schema: Schema = { properties: { on: { type: "array", items: { enum: ["a", "b"] } } } };
    expect(markup(schema, { on: ["b"] }).match(/<input[^>]*type="checkbox"[^>]*>/g)).toHaveLength(2);
    expect(markup(schema, { on: ["b"] }).match(/checked=""/g)).toHaveLength(1);
  });

  it("is for JSON where nothing else is made for it", () => {
    expect(markup({ properties: { x: { type: "array", items: { type: "array" } } } }, { x: [[1]] })).toContain("As JSON.");
    expect(markup({ properties: { x: {} } })).toContain("As JSON.");
  });

  it("is left out for what can be one thing only", () => {
    expect(markup({ properties: { version: { const: 2 } } })).not.toContain("<input");
  });
});

describe("an error", () => {
  const schema: Schema = {
    required: ["channel"],
    properties: {
      channel: { type: "string", examples: ["ronni"] },
      rules: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
    },
  };

  it("stands at its field, with an example", () => {
    const shown = markup(schema, {}, { "/channel": "Is required." });
    expect(shown).toMatch(/<input(?=[^>]*aria-invalid="true")(?=[^>]*aria-describedby="([^"]*)")/);
    expect(shown).toContain("Is required. For example: ronni");
    expect(shown).not.toContain(`role="alert"`);
  });

  it("says in plain words that a pattern was not met", () => {
    const shown = markup({ properties: { a: { type: "string", pattern: "^pk_" } } }, {}, { "/a": 'Value does not match "^pk_".' });
    expect(shown).toContain("It is not written in the right form.");
    expect(shown).not.toContain("^pk_");
  });

  it("stands at a field within a list", () => {
    const shown = markup(schema, { rules: [{}, { name: "x" }] }, { "/rules/1/name": "Too short." });
    expect(shown.match(/aria-invalid="true"/g)).toHaveLength(1);
    expect(shown).toMatch(/value="x"/);
  });

  it("stands above all where its place has no field", () => {
    const shown = markup(schema, {}, { "/old": "Is not known.", "stream-key": "not ours" });
    expect(shown).toMatch(/role="alert".*\/old.*Is not known\./);
    expect(shown).not.toContain("not ours");
  });
});

it("asks for nothing where the rest comes elsewhere", () => {
  const schema: Schema = { required: ["a"], properties: { a: { type: "string" } } };
  expect(markup(schema)).toContain(`required=""`);
  expect(markup(schema, {}, {}, true)).not.toContain(`required=""`);
});

it("does not ask for the parts of an object that may be left out as a whole", () => {
  const schema: Schema = {
    properties: { proxy: { type: "object", required: ["host"], properties: { host: { type: "string" } } } },
  };
  expect(markup(schema)).not.toContain(`required=""`);
  expect(markup(schema, { proxy: { host: "x" } })).toContain(`required=""`);
});

it("gives fields of a group one heading, and a single one none", () => {
  const field = { type: "string", "x-group": "channel" };
  expect(markup({ properties: { a: field, b: field } })).toContain(">Channel</legend>");
  expect(markup({ properties: { a: field } })).not.toContain("<legend");
});

it("folds what is advanced", () => {
  expect(markup({ properties: { a: { type: "string", "x-group": "advanced" } } })).toMatch(/<details><summary[^>]*>Advanced/);
});

it("ends on objects that contain themselves", () => {
  const schema: Schema = { properties: { child: { $ref: "#" } } };
  expect(markup(schema)).toContain("As JSON.");
});

describe("a secret", () => {
  const key = { name: "stream-key", label: "Stream key", kind: "string", required: true };
  const shown = (props: Partial<Parameters<typeof SecretFields>[0]>) =>
    renderToStaticMarkup(createElement(SecretFields, { secrets: [key], value: {}, onChange: () => {}, ...props }));

  it("is asked for until it is stored, and never shown", () => {
    expect(shown({})).toMatch(/<input(?=[^>]*type="password")(?=[^>]*required="")/);
    expect(shown({ stored: ["stream-key"] })).not.toContain("<input");
    expect(shown({ stored: ["stream-key"] })).toContain("Replace: Stream key");
  });

  it("may be removed only where the plugin does without", () => {
    expect(shown({ stored: ["stream-key"] })).not.toContain("Remove: Stream key");
    expect(shown({ stored: ["stream-key"], secrets: [{ ...key, required: false }] })).toContain("Remove: Stream key");
  });

  it("says what becomes of it", () => {
    expect(shown({ stored: ["stream-key"], value: { "stream-key": null } })).toContain("It is removed when you save.");
  });

  it("is not pasted where an account is connected", () => {
    expect(shown({ secrets: [{ ...key, kind: "oauth2" }] })).toBe("");
  });
});
