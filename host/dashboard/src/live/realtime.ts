/**
 * Socket.IO: what happens to the streams of the organisation, as it happens.
 *
 * One connection a tab. Pages listen to events by their dotted names; most only learn from them that something
 * changed, and read again. Without a connection they still do, by interval, and the frame says so.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { Socket } from "socket.io-client";
import { currentAccessToken, refresh } from "../api/client";
import { currentScope, useScope } from "../api/scope";
import { streamsQuery } from "./streams";

/** Events after which streams are read again. */
const CHANGES = ["stream.starting", "stream.live", "stream.offline", "stream.error", "destination.status"];

/** Events that come closer together than this cause one reading. */
const GATHER_MS = 150;

/** A connection that the server refused, for a token that expired or too many tabs, is tried again this much later. */
const REFUSED_PAUSE_MS = 10_000;

/** Whether events arrive: not yet, now, or not any more and since when. */
export type Connection = { is: "opening" } | { is: "open" } | { is: "lost"; since: number };

let connection: Connection = { is: "opening" };
let socket: Socket | undefined;
const watchers = new Set<() => void>();
const listeners = new Map<string, Set<(body: unknown) => void>>();

/** Whether events arrive. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connection,
  );
}

/** Calls `listener` with the body of every event of that name, for as long as the calling component is shown. */
export function useEvent(name: string, listener: (body: unknown) => void) {
  const latest = useEffectEvent(listener);
  useEffect(() => {
    const hear = (body: unknown) => latest(body);
    const all = listeners.get(name) ?? new Set();
    listeners.set(name, all.add(hear));
    return () => void all.delete(hear);
  }, [name]);
}

/** Holds the connection, and reads streams again whenever they change, for as long as the calling component is shown. */
export function useRealtime() {
  const client = useQueryClient();
  const { organisation, app } = useScope();
  useEffect(() => {
    let isOver = false;
    let close = () => {};
    // The library is not needed for the first picture of a page.
    void import("socket.io-client").then(({ io }) => {
      if (!isOver) close = open(io, () => void client.invalidateQueries({ queryKey: streamsQuery.queryKey }));
    });
    return () => {
      isOver = true;
      close();
    };
  }, [client, organisation, app]);
}

function open(io: (options: object) => Socket, readAgain: () => void): () => void {
  const made = io({
    // A function, because the token is another one after a reconnection.
    auth: (send: (auth: object) => void) => send({ token: currentAccessToken(), ...currentScope() }),
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    forceNew: true,
  });
  socket = made;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  let pausing: ReturnType<typeof setTimeout> | undefined;

  const readSoon = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      readAgain();
    }, GATHER_MS);
  };
  made.on("connect", () => {
    become({ is: "open" });
    readSoon();
  });
  made.on("disconnect", lose);
  made.on("connect_error", () => {
    lose();
    // An active socket reconnects by itself: the network was at fault, not the server.
    if (made.active) return;
    pausing = setTimeout(() => void refresh().then((isRefreshed) => isRefreshed && made.connect()), REFUSED_PAUSE_MS);
  });
  CHANGES.forEach((name) => made.on(name, readSoon));
  made.onAny((name: string, body: unknown) => listeners.get(name)?.forEach((hear) => hear(body)));
  return () => {
    clearTimeout(gathering);
    clearTimeout(pausing);
    made.disconnect();
    if (socket === made) become({ is: "opening" });
  };
}

function lose() {
  if (connection.is !== "lost") become({ is: "lost", since: Date.now() });
}

function become(next: Connection) {
  connection = next;
  watchers.forEach((watcher) => watcher());
}
