import { expect, it } from "vitest";
import type { InstallationBody, ListedPluginBody } from "../../../generated/schema";
import { trialsOf } from "./queries";

const listed = (id: string, state: string) => ({ id, name: id, state }) as ListedPluginBody;
const installation = (plugin: string, development: boolean) =>
  ({ id: `i ${plugin}`, plugin, plugin_name: plugin, development }) as InstallationBody;

it("brings together what is listed as a trial and what runs one", () => {
  const trials = trialsOf(
    [listed("b/waits", "development"), listed("a/published", "verified"), listed("c/plain", "verified")],
    [installation("a/published", true), installation("c/plain", false)],
  );
  expect(trials.map(({ plugin, listed, installations }) => [plugin, listed?.state, installations.length])).toEqual([
    ["a/published", undefined, 1],
    ["b/waits", "development", 0],
  ]);
});
