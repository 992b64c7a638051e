import { lazy, Suspense } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Destination, Stream } from "../api/types";
import { bitrate, bytes, count } from "../format/format";
import { useRemoveDestination, useUpdateDestination } from "../live/streams";
import { Button } from "../ui/button";
import { Figure, Figures } from "../ui/figure";
import { Switch } from "../ui/switch";
import { Tally, tallyEdge, toneOf } from "../ui/tally";
import { text as common } from "../ui/text";
import { notifyError, removeWithUndo } from "../ui/toast";
import { History } from "./history";
import { text } from "./destinations/text";

// Reasons bring many words along, and most of the time there is none.
const Trouble = lazy(() => import("./trouble").then(({ Trouble }) => ({ default: Trouble })));

interface Props {
  source: Stream;
  destination: Destination;
  /** Its platform's name for people. */
  platform: string;
  onEdit: () => void;
}

/** One destination: its state, why, what to do, its figures, and what happened. */
export function DestinationCard({ source, destination, platform, onEdit }: Props) {
  const mayChange = useIsAtLeast("editor");
  const isRunning = source.state !== "offline";
  const name = destination.name || platform;
  const state = destination.is_active ? destination.state : "off";
  const detail = [name === platform ? undefined : platform, destination.rtmp_url ?? undefined].filter(
    (part) => part !== undefined,
  );
  return (
    <article
      data-destination={destination.id}
      className={`grid gap-4 rounded-lg border border-line bg-surface p-4 sm:px-5 ${tallyEdge(toneOf(state))}`}
    >
      <header className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-4">
        <div className="grid min-w-0 gap-1">
          <h2 className="text-lg font-semibold wrap-anywhere">{name}</h2>
          <p className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
            <Tally state={state} />
            {detail.map((part) => (
              <bdi key={part} className="text-sm text-muted wrap-anywhere">
                {part}
              </bdi>
            ))}
          </p>
        </div>
        {mayChange && <OnOff destination={destination} name={name} />}
      </header>
      {destination.is_active && isRunning && <Status destination={destination} name={name} onEdit={onEdit} />}
      <footer className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        {isRunning ? <History sourceId={source.id} destinationId={destination.id} name={name} /> : <span />}
        {mayChange && (
          <div className="flex flex-wrap gap-2">
            <Button onClick={onEdit} aria-label={text.destinations.editOf(name)}>
              {common.edit}
            </Button>
            <RemoveButton destination={destination} name={name} />
          </div>
        )}
      </footer>
    </article>
  );
}

function OnOff({ destination, name }: { destination: Destination; name: string }) {
  const update = useUpdateDestination(destination.id);
  const toggle = (isOn: boolean) => update.mutate({ is_active: isOn }, { onError: notifyError });
  return (
    <Switch
      label={text.destinations.toggle(name)}
      // The switch follows the hand, not the server's answer.
      isOn={update.isPending ? (update.variables.is_active ?? destination.is_active) : destination.is_active}
      onChange={toggle}
    />
  );
}

function RemoveButton({ destination, name }: { destination: Destination; name: string }) {
  const remove = useRemoveDestination(destination.id);
  const leave = () =>
    removeWithUndo(destination.id, {
      message: text.destinations.removed(name),
      commit: (how) => remove.mutateAsync(how),
    });
  return (
    <Button onClick={leave} aria-label={text.destinations.removeOf(name)}>
      {common.remove}
    </Button>
  );
}

function Status({ destination, name, onEdit }: { destination: Destination; name: string; onEdit: () => void }) {
  const { state, platform_live, platform_viewers } = destination;
  return (
    <>
      {destination.reason != null && (
        <Suspense>
          <Trouble destination={destination} reason={destination.reason} name={name} onEdit={onEdit} />
        </Suspense>
      )}
      {state !== "idle" && state !== "failed" && (
        <Figures>
          <Figure label={text.destinations.sending} value={bitrate(destination.bitrate_out_bps)} />
          <Figure label={text.destinations.sent} value={bytes(destination.bytes_out)} />
          <Figure label={text.destinations.dropped} value={count(destination.dropped_frames)} />
          <Figure label={text.destinations.reconnects} value={count(destination.reconnects)} />
          {platform_viewers != null && (
            <Figure label={text.destinations.viewersThere} value={count(platform_viewers)} />
          )}
        </Figures>
      )}
      {platform_live != null && (
        <p className="text-sm text-muted">
          {platform_live ? text.destinations.platformConfirms : text.destinations.platformDenies}
        </p>
      )}
    </>
  );
}
