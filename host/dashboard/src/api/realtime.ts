/** Socket.IO: changes of state as they happen. Without it, pages still learn them by reading again. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { io } from "socket.io-client";
import { currentAccessToken } from "./client";
import { streamsQuery } from "./queries";

const events = ["stream.starting", "stream.live", "stream.offline", "stream.error", "destination.status"];

/** Events that come closer together than this cause one reading. */
const GATHER_MS = 150;

/** Keeps the live states of `sourceIds` fresh while the calling component is shown. */
export function useLiveStates(sourceIds: readonly string[]) {
  const client = useQueryClient();
  const joined = [...sourceIds].sort().join(" ");
  useEffect(() => {
    if (joined === "") return;
    const socket = io({
      // A function, because the token is another one after a reconnection.
      auth: (send) => send({ token: currentAccessToken() }),
      transports: ["websocket", "polling"],
    });
    let gathering: ReturnType<typeof setTimeout> | undefined;
    const readAgain = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        void client.invalidateQueries({ queryKey: streamsQuery.queryKey });
      }, GATHER_MS);
    };
    socket.on("connect", () => {
      joined.split(" ").forEach((id) => socket.emit("join-stream", id));
      readAgain();
    });
    events.forEach((event) => socket.on(event, readAgain));
    return () => {
      clearTimeout(gathering);
      socket.disconnect();
    };
  }, [client, joined]);
}
