import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { call, refresh } from "../api/client";
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

const profileQuery = { queryKey: ["profile"], queryFn: () => call("get", "/api/auth/profile"), staleTime: 60_000 };

/** Says that an administrator acts in somebody's place. */
export function ImpersonationNote() {
  const { data } = useQuery(profileQuery);
  if (data?.impersonated_by == null) return null;
  const stop = async () => {
    await call("post", "/api/auth/logout", { body: {} }).catch(() => undefined);
    await refresh();
    location.assign("/");
  };
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-b border-accent bg-accent/12 px-4 py-2 text-sm sm:px-8">
      <p className="font-medium">{text.impersonating(data.user.display_name)}</p>
      <Button onClick={() => void stop()}>{text.endImpersonation}</Button>
    </div>
  );
}
