import { expect, it } from "vitest";
import type { Plugin } from "../api/types";
import { readPluginInput } from "./plugin-form";

const plugin: Plugin = {
  id: "example/push",
  version: "1.0.0",
  kind: "destination",
  name: "Example",
  description: "",
  publisher: "",
  license: "MIT",
  changelog: "",
  pricing: "free",
  state: "verified",
  state_schema: 1,
  visibility: "public",
  permissions: [],
  digest: "sha256:00",
  secrets: [{ name: "stream-key", label: "Stream key", kind: "string", required: true }],
  config_schema: {
    properties: {
      rtmp_url: { type: "string" },
      tries: { type: "integer" },
      is_test: { type: "boolean" },
      region: { enum: ["eu", "us"] },
    },
  },
};

function fields(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  return data;
}

it("reads values in the types of the schema and leaves empty ones out", () => {
  const filled = fields({
    "config.rtmp_url": " rtmp://live.example.com/app ",
    "config.tries": "3",
    "config.is_test": "true",
    "config.region": "",
    "secret.stream-key": "abc",
  });
  expect(readPluginInput(plugin, filled)).toEqual({
    config: { rtmp_url: "rtmp://live.example.com/app", tries: 3, is_test: true },
    secrets: { "stream-key": "abc" },
  });
});

it("leaves the judgement of a wrong number to the server", () => {
  expect(readPluginInput(plugin, fields({ "config.tries": "many" })).config).toEqual({ tries: "many" });
});
