import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { platformSettingsQuery } from "../administration/queries";
import { ApiError, call } from "../api/client";
import { stopActing } from "../api/session";
import { useRunsPlatform } from "../api/standing";
import { clock } from "../format/format";
import { useConnection } from "../live/realtime";
import { Button } from "../ui/button";
import { notify } from "../ui/toast";
import { text } from "./text";

/** Says that events do not arrive, and when they do again. */
export function ConnectionNote() {
  const connection = useConnection();
  const client = useQueryClient();
  const wasLost = useRef(false);
  const is = connection.is;
  useEffect(() => {
    if (is === "open" && wasLost.current) {
      notify(text.back);
      void client.invalidateQueries();
    }
    wasLost.current = is === "lost" || (wasLost.current && is === "opening");
  }, [is, client]);
  return (
    <div role="status">
      {connection.is === "lost" && (
        <p className="border-b border-warn bg-warn/12 px-4 py-2.5 text-sm font-medium sm:px-8" data-connection="lost">
          {text.lost(clock(connection.since))}
        </p>
      )}
    </div>
  );
}

/** How often it is asked whether the maintenance is over. */
const MAINTENANCE_PAUSE_MS = 10_000;

const profileQuery = { queryKey: ["profile"], queryFn: () => call("get", "/api/auth/profile"), staleTime: 60_000 };

/** Says that the platform is being worked on, to those who are let in and to those who are not. */
export function MaintenanceNote() {
  const client = useQueryClient();
  const runsPlatform = useRunsPlatform();
  const settings = useQuery({ ...platformSettingsQuery, enabled: runsPlatform, staleTime: 60_000 });
  const profile = useQuery({
    ...profileQuery,
    refetchInterval: ({ state }) => (isMaintenance(state.error) ? MAINTENANCE_PAUSE_MS : false),
  });
  const isClosed = isMaintenance(profile.error);

  // Any page may hear of it first, and when it is over all of them read again.
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ type, query }) => {
        const isNews = type === "updated" && isMaintenance(query.state.error) && query.queryKey[0] !== "profile";
        if (isNews && !isMaintenance(client.getQueryState(profileQuery.queryKey)?.error))
          void client.invalidateQueries({ queryKey: profileQuery.queryKey });
      }),
    [client],
  );
  const wasClosed = useRef(false);
  useEffect(() => {
    if (wasClosed.current && !isClosed) void client.invalidateQueries();
    wasClosed.current = isClosed;
  }, [isClosed, client]);

  const isOn = runsPlatform && settings.data?.maintenance_mode === true;
  return (
    <div role="status">
      {(isClosed || isOn) && (
        <p className="border-b border-warn bg-warn/12 px-4 py-2.5 text-sm font-medium sm:px-8" data-maintenance>
          {isOn ? text.maintenanceForOthers : text.maintenance}
        </p>
      )}
    </div>
  );
}

const isMaintenance = (error: unknown) => error instanceof ApiError && error.code === "MAINTENANCE";

/** Says that an administrator acts in somebody's place. */
export function ImpersonationNote() {
  const { data } = useQuery(profileQuery);
  if (data?.impersonated_by == null) return null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-b border-accent bg-accent/12 px-4 py-2 text-sm sm:px-8">
      <p className="font-medium">{text.impersonating(data.user.display_name)}</p>
      <Button onClick={() => void stopActing()}>{text.endImpersonation}</Button>
    </div>
  );
}
