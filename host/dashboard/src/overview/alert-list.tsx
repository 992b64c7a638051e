import { Link } from "@tanstack/react-router";
import { useFaults } from "../live/faults";
import { Button } from "../ui/button";
import { Section } from "../ui/page";
import { Tally, tallyEdge } from "../ui/tally";
import type { Alert } from "./alerts";
import { text } from "./text";

/** What wants attention, with what to do about it; nothing where all is well. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  return (
    // Stands empty as well: what comes into it is read out.
    <div aria-live="polite">
      {alerts.length > 0 && (
        <Section title={text.attention} isBare>
          <ul className="grid gap-2">
            {alerts.map((alert) => (
              <AlertRow key={alert.key} alert={alert} />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const { putAside } = useFaults();
  const { tone, about, destination, message, todo, sourceId, fault } = alert;
  return (
    <li
      data-alert={tone}
      className={`flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-md border border-line bg-surface px-3
        py-2.5 ${tallyEdge(tone)}`}
    >
      <div className="grid min-w-0 flex-1 basis-72 gap-0.5 text-sm wrap-anywhere">
        <p className="flex flex-wrap items-center gap-x-2 font-semibold">
          <Tally state={tone} tone={tone}>
            {destination === undefined ? about : `${about} · ${destination}`}
          </Tally>
        </p>
        {/* What to do about a destination stands at the destination. */}
        <p>
          {message} {destination === undefined && todo}
        </p>
      </div>
      {sourceId !== undefined && (
        <Link
          to="/sources/$sourceId"
          params={{ sourceId }}
          className="inline-flex min-h-6 items-center text-sm font-semibold text-accent underline-offset-4 hover:underline"
          aria-label={text.toSource(about)}
        >
          {text.open}
        </Link>
      )}
      {fault !== undefined && <Button onClick={() => putAside(fault)}>{text.putAside}</Button>}
    </li>
  );
}
