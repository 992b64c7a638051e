import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { PermissionBody } from "../../../generated/schema";
import { PermissionSheet } from "../permission-sheet";
import { changeOf, hostsOf, linesOf, type Fact } from "./explain";

const line = (capability: string, ...keys: string[]): PermissionBody => ({ capability, keys, summary: "in words", reason: "" });
const fact = (capability: string, ...keys: string[]): Fact | undefined => linesOf([line(capability, ...keys)])[0]?.fact;

describe("a permission", () => {
  it("says where a broadcast goes, also to a server that is entered", () => {
    expect(fact("push", "push:rtmps://*.odysee.com", "push-config:/rtmp_url")).toEqual({
      is: "push",
      hosts: ["rtmps://*.odysee.com"],
      settings: ["/rtmp_url"],
    });
  });

  it("tells looking up from changing", () => {
    expect(fact("http", "http:https://a.example")).toMatchObject({ writes: "no" });
    expect(fact("http", "http:https://a.example", "http-method:POST")).toMatchObject({ writes: "yes" });
    expect(fact("http", "http-method:POST")).toMatchObject({ hosts: [], writes: "now" });
  });

  it("says everything that is done with a secret", () => {
    expect(fact("secret", "secret:token@api.a.example", "secret-push:token", "secret-mac:token", "scope:token:a:b")).toEqual({
      is: "secret",
      name: "token",
      hosts: ["api.a.example"],
      isStreamKey: true,
      signs: true,
      scopes: ["a:b"],
    });
  });

  it("is told in the server's words where a key is not known, so that none is passed over", () => {
    expect(fact("http", "http:https://a.example", "http-teleport:x")).toEqual({ is: "other", summary: "in words" });
    expect(fact("secret", "secret:one@a.example", "secret:two@a.example")).toEqual({ is: "other", summary: "in words" });
    expect(fact("camera", "camera:front")).toEqual({ is: "other", summary: "in words" });
    expect(fact("kv", "kv:lots")).toEqual({ is: "other", summary: "in words" });
  });
});

describe("a difference", () => {
  it("holds only what is new and what is gone, key by key", () => {
    const { added, gone } = changeOf(
      [line("http", "http:https://a.example"), line("webhook", "webhook")],
      [line("http", "http:https://a.example", "http:https://b.example")],
    );
    expect(added.map(({ keys }) => keys)).toEqual([["http:https://b.example"]]);
    expect(gone.map(({ fact }) => fact)).toEqual([{ is: "webhook" }]);
  });

  it("takes a smaller memory for nothing new", () => {
    expect(changeOf([line("kv", "kv:1000")], [line("kv", "kv:500")]).added).toEqual([]);
    expect(changeOf([line("kv", "kv:500")], [line("kv", "kv:1000")]).added).toHaveLength(1);
  });
});

it("names each host once, and says who could read along and what a star means", () => {
  expect(hostsOf(["rtmps://*.example.com", "rtmp://*.example.com", "rtmp://b.example", "https://a.example", "c.example"])).toEqual([
    { name: "example.com", isEverythingBelow: true, isReadable: "sometimes" },
    { name: "b.example", isEverythingBelow: false, isReadable: "always" },
    { name: "a.example", isEverythingBelow: false, isReadable: "never" },
    { name: "c.example", isEverythingBelow: false, isReadable: "never" },
  ]);
});

describe("the sheet", () => {
  const sheet = (props: Parameters<typeof PermissionSheet>[0]) => renderToStaticMarkup(createElement(PermissionSheet, props));

  it("names hosts, secrets, data and reasons", () => {
    const shown = sheet({
      permissions: [
        { ...line("http", "http:https://api.a.example"), reason: "Find the chat" },
        line("secret", "secret:key@api.a.example"),
        line("data", "data:broadcast-title", "data:shoe-size"),
      ],
      secrets: [{ name: "key", label: "API key" }],
    });
    expect(shown).toContain("api.a.example");
    expect(shown).toContain("The publisher says: Find the chat");
    expect(shown).toContain("Uses “API key” without seeing it");
    expect(shown).toContain("the title of your broadcast");
    expect(shown).toContain("shoe-size");
  });

  it("says so where nothing is asked for, or nothing more", () => {
    expect(sheet({ permissions: [] })).toContain("It asks for nothing");
    expect(sheet({ permissions: [], previous: [] })).toContain("Its permissions stay as they are.");
  });

  it("has a box at every line that can be allowed or not", () => {
    const permissions = [line("webhook", "webhook"), line("kv", "kv:1000")];
    const shown = sheet({ permissions, grant: ["webhook"], onGrant: () => {} });
    expect(shown.match(/type="checkbox"/g)).toHaveLength(2);
    expect(shown.match(/checked=""/g)).toHaveLength(1);
    expect(sheet({ permissions, grant: ["webhook"] })).toContain("Not allowed");
  });
});
