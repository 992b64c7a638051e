import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Destination, Stream } from "../api/types";
import { bitrate, bytes, count, secondsUntil } from "../format/format";
import { inPlainWords, type Remedy } from "../live/reasons";
import { useRemoveDestination, useUpdateDestination } from "../live/streams";
import { Button, buttonLook } from "../ui/button";
import { Figure, Figures } from "../ui/figure";
import { Switch } from "../ui/switch";
import { Tally, tallyEdge, toneOf } from "../ui/tally";
import { text as common } from "../ui/text";
import { notify, notifyError, removeWithUndo } from "../ui/toast";
import { History } from "./history";
import { useRetryDestination } from "./queries";
import { text } from "./text";

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
      <Trouble destination={destination} name={name} onEdit={onEdit} />
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

/** Why it is not as it should be, and the way to what helps. */
function Trouble({ destination, name, onEdit }: { destination: Destination; name: string; onEdit: () => void }) {
  const { state, reason, next_attempt } = destination;
  const mayChange = useIsAtLeast("editor");
  if (reason == null) return null;
  const { what, said, todo, remedy } = inPlainWords(reason);
  const isStopped = state === "failed" || state === "retrying";
  return (
    <div className="grid gap-3 rounded-md bg-sunken px-4 py-3">
      <div className="grid gap-1">
        <p className="font-semibold">
          {what}
          {state === "retrying" && next_attempt != null && <NextAttempt at={next_attempt} />}
        </p>
        {todo !== undefined && <p className="max-w-[70ch]">{todo}</p>}
        {said !== undefined && (
          <p lang="en" dir="ltr" className="text-start text-sm text-muted wrap-anywhere rtl:text-end">
            {said}
          </p>
        )}
      </div>
      {mayChange && isStopped && (
        <div className="flex flex-wrap gap-2">
          <RetryButton id={destination.id} name={name} />
          <RemedyButton remedy={remedy} destination={destination} onEdit={onEdit} />
        </div>
      )}
    </div>
  );
}

interface RemedyProps {
  remedy: Remedy;
  destination: Destination;
  onEdit: () => void;
}

/** Where the button to edit does not say enough. */
function RemedyButton({ remedy, destination, onEdit }: RemedyProps) {
  if (remedy === "account") return <Button onClick={onEdit}>{text.destinations.connectAgain}</Button>;
  if (remedy !== "plugin" || destination.installation_id == null) return null;
  return (
    <Link
      to="/plugins/installed/$installationId"
      params={{ installationId: destination.installation_id }}
      className={buttonLook("quiet")}
    >
      {text.destinations.toPlugin}
    </Link>
  );
}

function RetryButton({ id, name }: { id: string; name: string }) {
  const retry = useRetryDestination(id);
  const go = () =>
    retry.mutate(undefined, { onSuccess: () => notify(text.destinations.retrying(name)), onError: notifyError });
  return (
    <Button isBusy={retry.isPending} onClick={go} aria-label={text.destinations.retryOf(name)}>
      {text.destinations.retry}
    </Button>
  );
}

/** Counts down; not read out, the state itself is. */
function NextAttempt({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = secondsUntil(at, now);
  return (
    <span aria-hidden className="font-normal text-muted tabular-nums">
      {" · "}
      {seconds > 0 ? text.destinations.nextAttempt(seconds) : text.destinations.nextAttemptNow}
    </span>
  );
}
