import { expect, it } from "vitest";
import { needsOf } from "./needs";

const secret = (label: string, required: boolean, kind = "string") => ({ name: label, label, kind, required });

it("names settings and secrets that must be there", () => {
  const config_schema = { properties: { rtmp_url: { title: "Server URL" } }, required: ["rtmp_url"] };
  expect(needsOf({ config_schema, secrets: [secret("Stream key", true)] })).toBe("Needs Server URL and Stream key");
});

it("offers the ways in where none must be", () => {
  const secrets = [secret("Twitch account", false, "oauth2"), secret("Stream key", false)];
  expect(needsOf({ config_schema: {}, secrets })).toBe("Needs Twitch account or Stream key");
});

it("says so where nothing is needed", () => {
  expect(needsOf({ config_schema: {}, secrets: [] })).toBe("Needs nothing");
});
