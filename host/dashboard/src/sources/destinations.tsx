import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useRemoveDestination, useUpdateDestination } from "../live/streams";
import { pluginsQuery } from "../plugins/queries";
import type { Destination } from "../api/types";
import { bitrate, secondsUntil, sentence } from "../format/format";
import { text } from "./text";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Section } from "../ui/page";
import { ConfirmButton } from "../ui/confirm";
import { ErrorNote } from "../ui/error-note";
import { Figure } from "../ui/figure";
import { Tally } from "../ui/tally";
import { Switch } from "../ui/switch";
import { AddDestination } from "./add-destination";

/** Where the stream goes, each with its live state. */
export function Destinations({ sourceId, destinations }: { sourceId: string; destinations: Destination[] }) {
  const [isAdding, setIsAdding] = useState(false);
  const add = (
    <Button look="primary" onClick={() => setIsAdding(true)}>
      {text.destinations.add}
    </Button>
  );
  return (
    <Section title={text.destinations.title} actions={destinations.length > 0 && add}>
      {destinations.length === 0 ? (
        <Empty title={text.destinations.empty} hint={text.destinations.emptyHint}>
          {add}
        </Empty>
      ) : (
        <ul className="-my-5 divide-y divide-line">
          {destinations.map((destination) => (
            <DestinationRow key={destination.id} destination={destination} />
          ))}
        </ul>
      )}
      {isAdding && <AddDestination sourceId={sourceId} onClose={() => setIsAdding(false)} />}
    </Section>
  );
}

function DestinationRow({ destination }: { destination: Destination }) {
  const plugins = useQuery(pluginsQuery);
  const toggle = useUpdateDestination(destination.id);
  const remove = useRemoveDestination(destination.id);
  const plugin = plugins.data?.find(({ id }) => id === destination.plugin);
  const platform = plugin?.name ?? destination.plugin;
  const name = destination.name || platform;
  const detail = destination.rtmp_url ?? (name === platform ? "" : platform);
  return (
    <li className="grid gap-3 py-5" data-destination={destination.id}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-semibold break-words">{name}</h3>
          <Tally state={destination.is_active ? destination.state : "off"} />
          <span className="text-sm break-all text-muted">{detail}</span>
        </div>
        <div className="flex items-center gap-3">
          <Switch
            label={text.destinations.toggle(name)}
            isOn={destination.is_active}
            disabled={toggle.isPending}
            onChange={(isOn) => toggle.mutate({ is_active: isOn })}
          />
          <ConfirmButton
            label={text.destinations.remove}
            describedAs={`${text.destinations.remove}: ${name}`}
            consequence={text.destinations.removeConfirm(name)}
            action={() => remove.mutateAsync({})}
          />
        </div>
      </div>
      <ErrorNote error={toggle.error} />
      {destination.is_active && destination.state !== "idle" && <LiveStatus destination={destination} />}
    </li>
  );
}

function LiveStatus({ destination }: { destination: Destination }) {
  const { state, reason, next_attempt, platform_live } = destination;
  return (
    <>
      {reason && state !== "live" && (
        <p role="status" className={`text-sm ${state === "failed" ? "text-bad" : "text-warn"}`}>
          {sentence(reason.message)}
          {state === "retrying" && next_attempt && <NextAttempt at={next_attempt} />}
        </p>
      )}
      <dl className="grid grid-cols-3 gap-x-6 gap-y-3 sm:grid-cols-4">
        <Figure label={text.destinations.bitrate} value={bitrate(destination.bitrate_out_bps)} />
        <Figure label={text.destinations.dropped} value={destination.dropped_frames.toLocaleString()} />
        <Figure label={text.destinations.reconnects} value={destination.reconnects.toLocaleString()} />
      </dl>
      {platform_live != null && (
        <p className="text-sm text-muted">
          {platform_live ? text.destinations.platformConfirms : text.destinations.platformDenies}
        </p>
      )}
    </>
  );
}

/** Counts down; not read out, the state itself is. */
function NextAttempt({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden> · {text.destinations.nextAttempt(secondsUntil(at, now))}</span>;
}
