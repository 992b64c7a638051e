import { text } from "../text/text";

const quiet = "bg-sunken text-muted";

const looks: Record<string, string> = {
  live: "bg-good/12 text-good",
  starting: "bg-warn/12 text-warn",
  preparing: "bg-warn/12 text-warn",
  connecting: "bg-warn/12 text-warn",
  reconnecting: "bg-warn/12 text-warn",
  retrying: "bg-warn/12 text-warn",
  failed: "bg-bad/12 text-bad",
};

const words: Record<string, string> = text.states;

/** A state of a stream or a destination, or `off`, in a word and a colour; changes are read out. */
export function StateBadge({ state }: { state: string }) {
  return (
    <span
      role="status"
      data-state={state}
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-1 text-xs font-semibold
        whitespace-nowrap ${looks[state] ?? quiet}`}
    >
      <span aria-hidden className="size-1.5 rounded-full bg-current" />
      {words[state] ?? state}
    </span>
  );
}
