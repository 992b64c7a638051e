import { Tally, type Tone } from "../ui/tally";
import type { CheckBody, VersionBody } from "../../generated/schema";
import { text } from "./text";

const tones: Record<string, Tone> = {
  scanned: "wait",
  reviewed: "wait",
  verified: "good",
  suspended: "bad",
  revoked: "bad",
};

/** The tone of a version's state. */
export const toneOfState = (state: string): Tone => tones[state] ?? "quiet";

/** How far a version is trusted. */
export function VersionTally({ state }: { state: string }) {
  return (
    <Tally state={state} tone={toneOfState(state)}>
      {text.plugins.states[state] ?? state}
    </Tally>
  );
}

/** What the scan found wrong: a check that has a code. */
export function problemsOf({ scan }: VersionBody): readonly CheckBody[] {
  return (scan ?? []).filter(({ code }) => code != null);
}
