import { useQueryClient } from "@tanstack/react-query";
import { clockToTheSecond, dateAndTime } from "../format/format";
import { healthQuery, useHealth } from "../live/health";
import { useEvent } from "../live/realtime";
import { inPlainWords } from "../live/reasons";
import { Tally } from "../ui/tally";
import { text } from "./destinations/text";
import type { HistoryProps } from "./history";

/** The changes of state of a destination, newest first. */
export function Events({ sourceId, destinationId, name }: HistoryProps) {
  const client = useQueryClient();
  const { events } = useHealth(sourceId);
  // Figures come with events of their own; changes of state are read again.
  useEvent("destination.status", () => void client.invalidateQueries({ queryKey: healthQuery(sourceId).queryKey }));
  const own = events.filter(({ destination_id }) => destination_id === destinationId).reverse();
  if (own.length === 0) return <p className="py-2 text-sm text-muted">{text.destinations.historyEmpty}</p>;
  return (
    <ol aria-label={text.destinations.historyOf(name)} className="grid gap-2 border-s border-line py-1 ps-4">
      {own.map(({ at, state, reason }, place) => (
        <li key={`${at} ${place}`} className="flex flex-wrap items-baseline gap-x-3 text-sm">
          <time dateTime={at} title={dateAndTime(at)} className="text-muted tabular-nums">
            {clockToTheSecond(at)}
          </time>
          <Tally state={state} isStill />
          {reason != null && <span className="min-w-0 wrap-anywhere">{inPlainWords(reason).what}</span>}
        </li>
      ))}
    </ol>
  );
}
