/** How many watch, as the server counts them: told over Socket.IO, which is loaded once a picture runs. */

import type { StreamAddress } from "./address";

/** The event, and the part of it that viewers get. */
const EVENT = "viewer.count.update";

interface Count {
  playback_id: string;
  viewers: number;
}

/** A busy server is asked again this much later, and then less and less often. */
const RETRY_MS = { first: 5000, longest: 60_000 };

/** Tells `onCount` how many watch whenever that changes, and `undefined` when it is not known any more. */
export async function followViewers({ playbackId, token }: StreamAddress, onCount: (viewers: number | undefined) => void) {
  const { io } = await import("socket.io-client");
  const socket = io({
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: RETRY_MS.first,
    reconnectionDelayMax: RETRY_MS.longest,
  });
  // Joined again after each reconnection: the server knows a socket, not a viewer.
  socket.on("connect", () => socket.emit("join-stream", { playback_id: playbackId, token }));
  socket.on(EVENT, (count: Count) => {
    if (count.playback_id === playbackId) onCount(count.viewers);
  });
  socket.on("disconnect", () => onCount(undefined));
}
