/**
 * Socket.IO: what happens to the streams of the tenant, as it happens.
 *
 * Events only say that something changed; pages then read again. Without a connection they still do, by interval.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { io } from "socket.io-client";
import { currentAccessToken, refresh } from "./client";
import { streamsQuery } from "./queries";

const events = ["stream.starting", "stream.live", "stream.offline", "stream.error", "destination.status"];

/** Events that come closer together than this cause one reading. */
const GATHER_MS = 150;

/** A connection that the server refused, for a token that expired or too many tabs, is tried again this much later. */
const REFUSED_PAUSE_MS = 10_000;

/** Reads live states again whenever they change, for as long as the calling component is shown. */
export function useLiveEvents() {
  const client = useQueryClient();
  useEffect(() => {
    const socket = io({
      // A function, because the token is another one after a reconnection.
      auth: (send) => send({ token: currentAccessToken() }),
      transports: ["websocket", "polling"],
      tryAllTransports: true,
    });
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let pausing: ReturnType<typeof setTimeout> | undefined;

    const readAgain = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        void client.invalidateQueries({ queryKey: streamsQuery.queryKey });
      }, GATHER_MS);
    };
    const afterRefusal = () => {
      // An active socket reconnects by itself: the network was at fault, not the server.
      if (socket.active) return;
      pausing = setTimeout(() => void refresh().then((isRefreshed) => isRefreshed && socket.connect()), REFUSED_PAUSE_MS);
    };
    socket.on("connect", readAgain);
    socket.on("connect_error", afterRefusal);
    events.forEach((event) => socket.on(event, readAgain));
    return () => {
      clearTimeout(gathering);
      clearTimeout(pausing);
      socket.disconnect();
    };
  }, [client]);
}
