/** The tally: what state something is in, by word, shape and colour. */

import type { ReactNode } from "react";
import { text } from "./text";

/** What a state means to whoever looks: nothing else has these colours. */
export type Tone = "good" | "wait" | "bad" | "quiet";

const tones: Record<string, Tone> = {
  live: "good",
  starting: "wait",
  preparing: "wait",
  connecting: "wait",
  reconnecting: "wait",
  retrying: "wait",
  failed: "bad",
};

/** The tone of a state of a stream or a destination. */
export const toneOf = (state: string): Tone => tones[state] ?? "quiet";

const colours: Record<Tone, string> = { good: "text-good", wait: "text-warn", bad: "text-bad", quiet: "text-muted" };

const edges: Record<Tone, string> = {
  good: "border-s-good",
  wait: "border-s-warn",
  bad: "border-s-bad",
  quiet: "border-s-line",
};

/** The coloured edge of a thing that has a state. */
export const tallyEdge = (tone: Tone) => `border-s-4 ${edges[tone]}`;

interface Props {
  /** A state of a stream or a destination, or `off`; anything else with a `tone` and a word of its own. */
  state: string;
  tone?: Tone;
  children?: ReactNode;
  /** A state of the past: nothing to be read out. */
  isStill?: boolean;
}

/** A state as a word with a sign; changes are read out. */
export function Tally({ state, tone = toneOf(state), children, isStill = false }: Props) {
  return (
    <span
      role={isStill ? undefined : "status"}
      data-state={state}
      className={`inline-flex items-center gap-2 text-sm font-semibold whitespace-nowrap ${colours[tone]}`}
    >
      <Sign tone={tone} />
      {children ?? text.states[state] ?? state}
    </span>
  );
}

/** Four shapes, so that nobody depends on the colour: full, half, crossed, empty. */
function Sign({ tone }: { tone: Tone }) {
  return (
    <svg aria-hidden viewBox="0 0 12 12" className={`size-3 shrink-0 ${tone === "wait" ? "animate-wait" : ""}`}>
      {tone === "good" && <circle cx="6" cy="6" r="5.5" fill="currentColor" />}
      {tone === "wait" && (
        <>
          <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M6 1.3a4.7 4.7 0 0 1 0 9.4z" fill="currentColor" />
        </>
      )}
      {tone === "bad" && (
        <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      )}
      {tone === "quiet" && <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.6" />}
    </svg>
  );
}

/** On the air: a picture reaches viewers. */
export function OnAir({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex items-center rounded-sm bg-air px-1.5 py-0.5 text-xs font-bold tracking-wide text-surface uppercase">
      {children}
    </span>
  );
}
