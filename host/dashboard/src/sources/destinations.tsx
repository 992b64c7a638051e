import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Destination } from "../api/types";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { useLeaving } from "../ui/toast";
import { useCurrentSource } from "./current";
import { DestinationCard } from "./destination-card";
import { OauthOutcome } from "../plugins/consent/outcome";
import { destinationPluginsQuery } from "./queries";
import { text } from "./destinations/text";
import { useForgetWayBack, useWayBack } from "../plugins/consent/way-back";

const DestinationDialog = lazy(() =>
  import("./destination-dialog").then(({ DestinationDialog }) => ({ default: DestinationDialog })),
);

const BroadcastTitle = lazy(() => import("./title").then(({ BroadcastTitle }) => ({ default: BroadcastTitle })));

/** What the dialog is about: a new destination, or one to be changed by its id. */
type Open = "new" | { edit: string } | undefined;

/** Where the stream goes, each with how it is doing. */
export function DestinationsPage() {
  const source = useCurrentSource();
  const plugins = useQuery(destinationPluginsQuery());
  const leaving = useLeaving();
  const mayChange = useIsAtLeast("editor");
  const [open, setOpen] = useOpen();
  const shown = source.destinations.filter(({ id }) => !leaving.has(id));
  const edited = typeof open === "object" ? shown.find(({ id }) => id === open.edit) : undefined;
  const add = mayChange && (
    <Button look="primary" onClick={() => setOpen("new")}>
      {text.destinations.add}
    </Button>
  );
  return (
    <>
      {open === undefined && <OauthOutcome />}
      {shown.length === 0 ? (
        <Empty title={text.destinations.empty} hint={text.destinations.emptyHint}>
          {add}
        </Empty>
      ) : (
        <>
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
            <p className="max-w-[65ch] text-muted">{text.destinations.intro}</p>
            {add}
          </div>
          <ul className="grid gap-4">
            {shown.map((destination) => (
              <li key={destination.id}>
                <DestinationCard
                  source={source}
                  destination={destination}
                  platform={platformOf(destination, plugins.data)}
                  onEdit={() => setOpen({ edit: destination.id })}
                />
              </li>
            ))}
          </ul>
          {mayChange && source.state !== "offline" && (
            <Suspense>
              <BroadcastTitle source={source} />
            </Suspense>
          )}
        </>
      )}
      {(open === "new" || edited !== undefined) && (
        <Suspense>
          <DestinationDialog
            sourceId={source.id}
            {...(edited !== undefined && { destination: edited })}
            onClose={() => setOpen(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}

/** Whoever comes back from a platform finds the form open that was left for it. */
function useOpen(): [Open, (open: Open) => void] {
  const { add, edit, oauth } = useWayBack();
  const forget = useForgetWayBack();
  const [open, setOpen] = useState<Open>(edit !== undefined ? { edit } : add === undefined ? undefined : "new");
  const change = (next: Open) => {
    setOpen(next);
    if (add !== undefined || edit !== undefined || oauth !== undefined) forget();
  };
  return [open, change];
}

/** A platform's name for people: its plugin's, or the short word of the API. */
function platformOf(destination: Destination, plugins: readonly { id: string; name: string }[] | undefined): string {
  return plugins?.find(({ id }) => id === destination.plugin)?.name ?? destination.platform;
}
