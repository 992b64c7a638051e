/** How far somebody is in the guide. It is kept on this device, so that a reload goes on where one was. */

import type { Stream } from "../api/types";

export const steps = ["name", "encoder", "destinations", "live"] as const;
export type Step = (typeof steps)[number];

/** The source that the guide is about, and where one is with it. */
export interface Progress {
  source: string;
  step: Step;
}

const KEY = "neustream-start";
const SKIPPED = "skipped";

/** Reads what was kept; anything else than progress, such as a former version's, is none. */
export function parsed(kept: string | null): Progress | undefined {
  try {
    const { source, step } = JSON.parse(kept ?? "") as Partial<Progress>;
    return typeof source === "string" && steps.some((one) => one === step) ? ({ source, step } as Progress) : undefined;
  } catch {
    return undefined;
  }
}

export const keptProgress = (): Progress | undefined => parsed(localStorage.getItem(KEY));

export function keepProgress(progress: Progress) {
  localStorage.setItem(KEY, JSON.stringify(progress));
}

/** The guide is done with, or was never wanted. */
export function skipGuide() {
  localStorage.setItem(KEY, SKIPPED);
}

/** Whether somebody put the guide aside on this device. */
export const isGuideSkipped = (): boolean => localStorage.getItem(KEY) === SKIPPED;

/** The step to show: a source that is gone, or of another organisation, begins anew. */
export function stepNow(progress: Progress | undefined, streams: readonly Stream[]): { step: Step; stream?: Stream } {
  const stream = streams.find(({ id }) => id === progress?.source);
  return progress === undefined || stream === undefined ? { step: "name" } : { step: progress.step, stream };
}

/**
 * Where what happened by itself leads to: an encoder that connects needs no more help, and once there are destinations
 * and nobody is about to add one, the picture is what counts.
 */
export function stepAfter(step: Step, stream: Stream, isFormTouched: boolean): Step {
  if (stream.state !== "live") return step;
  if (step === "encoder") return "destinations";
  if (step === "destinations" && stream.destinations.length > 0 && !isFormTouched) return "live";
  return step;
}
