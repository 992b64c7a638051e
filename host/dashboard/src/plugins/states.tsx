/** How far a plugin is trusted and how an installation is doing, by word, shape and colour. */

import type { InstallationBody, PluginBody } from "../../generated/schema";
import { Tally, type Tone } from "../ui/tally";
import { text } from "./text";

const trustTones: Record<string, Tone> = {
  verified: "good",
  draft: "wait",
  suspended: "bad",
  revoked: "bad",
};

/** How far a version is trusted: `verified`, `scanned`, … */
export function Trust({ state }: Pick<PluginBody, "state">) {
  return (
    <Tally state={state} tone={trustTones[state] ?? "quiet"}>
      {text.trust[state] ?? state}
    </Tally>
  );
}

const stateTones: Record<string, Tone> = {
  ready: "good",
  "needs-configuration": "wait",
  suspended: "bad",
  revoked: "bad",
};

/** How an installation is doing: `ready`, `needs-configuration`, … */
export function InstallationState({ state }: Pick<InstallationBody, "state">) {
  return (
    <Tally state={state} tone={stateTones[state] ?? "quiet"}>
      {text.states[state] ?? state}
    </Tally>
  );
}

/** What one calls an installation: the name that it was given, or that of its plugin. */
export const nameOf = ({ name, plugin_name }: Pick<InstallationBody, "name" | "plugin_name">) =>
  name === "" ? plugin_name : name;

/** What a plugin is for, in a word. */
export const kindName = (kind: string) => text.kinds[kind] ?? kind;
