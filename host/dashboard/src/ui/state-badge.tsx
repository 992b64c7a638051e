import type { DestinationState, StreamState } from "../api/types";
import { text } from "../text/text";

type State = StreamState | DestinationState | "off";

const looks: Record<State, string> = {
  live: "bg-good/12 text-good",
  starting: "bg-warn/12 text-warn",
  preparing: "bg-warn/12 text-warn",
  connecting: "bg-warn/12 text-warn",
  reconnecting: "bg-warn/12 text-warn",
  retrying: "bg-warn/12 text-warn",
  failed: "bg-bad/12 text-bad",
  offline: "bg-sunken text-muted",
  idle: "bg-sunken text-muted",
  off: "bg-sunken text-muted",
};

/** A state in a word and a colour; changes are read out. */
export function StateBadge({ state }: { state: State }) {
  return (
    <span
      role="status"
      data-state={state}
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-1 text-xs font-semibold
        whitespace-nowrap ${looks[state]}`}
    >
      <span aria-hidden className="size-1.5 rounded-full bg-current" />
      {text.states[state]}
    </span>
  );
}
