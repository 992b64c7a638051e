/** Follows a stream: waits for it, plays it, and waits again when it ends, without a reload. */

import { playlistUrl, type StreamAddress } from "./address";
import { untilStart, type Start } from "./availability";
import { play, startPlaying, type Playback } from "./playback";

/**
 * Where a stream stands. `ready` is one that runs and that nobody has started; `reconnecting` one whose picture stands
 * still.
 */
export type State =
  | "waiting"
  | "ready"
  | "starting"
  | "live"
  | "reconnecting"
  | "ended"
  | "refused"
  | "unknown"
  | "unsupported";

/** Without a new picture for this long, the viewer is told. */
const STALL_MS = 1500;

/** Beyond this distance, a tab that comes back jumps to the live edge. */
const FAR_BEHIND_S = 6;

/** Whoever is nearer than this to where one begins is live: players drift a little. */
const NEAR_LIVE_S = 3;

/** How often progress is looked at. */
const TICK_MS = 250;

/** How often a stream that nobody has started is looked at. */
const READY_PAUSE_MS = 3000;

/** A stream as it is followed. */
export interface Stream {
  state: State;
  /** Seconds between the encoder and the picture, while it moves. */
  latency: number | undefined;
  /** Whether the picture is the newest there is. */
  isAtLive: boolean;
  playback: Playback | undefined;
  /** Plays, from the newest picture where it had not begun. */
  start(): void;
  /** Jumps to the newest picture and plays. */
  goLive(): void;
}

/** Follows the stream at `address` in `video` from now on; calls `onChange` after everything that viewers may notice. */
export function follow(
  video: HTMLVideoElement,
  address: StreamAddress | undefined,
  isStarted: boolean,
  onChange: () => void,
): Stream {
  let want: () => void = () => undefined;
  const wanted = new Promise<void>((resolve) => (want = resolve));
  const stream: Stream = {
    state: "waiting",
    latency: undefined,
    isAtLive: false,
    playback: undefined,
    start: () => {
      want();
      isStarted = true;
      if (stream.playback !== undefined) startPlaying(video);
    },
    goLive: () => {
      stream.playback?.catchUp();
      stream.start();
    },
  };
  const show = (state: State) => {
    stream.state = state;
    onChange();
  };

  async function run(url: string) {
    show("waiting");
    for (;;) {
      const start = await untilStart(url, ({ isThere, isRefused }) => {
        if (isRefused) show("refused");
        else if (stream.state === "refused" || (stream.state === "ready" && !isThere)) show("waiting");
      });
      if (!isStarted) {
        show("ready");
        // It may be over before anybody starts it: look again.
        await Promise.race([wanted, new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS))]);
        continue;
      }
      const end = await playToTheEnd(url, start);
      show(end);
      if (end === "unsupported") return;
    }
  }

  /** Plays until the stream ends; resolves then. */
  async function playToTheEnd(url: string, start: Start): Promise<State> {
    show("starting");
    let onEnd: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (onEnd = resolve));
    const playback = await play(video, url, start, onEnd);
    if (playback === undefined) return "unsupported";
    stream.playback = playback;
    const watching = setInterval(watchProgress(playback), TICK_MS);
    await ended;
    clearInterval(watching);
    playback.stop();
    stream.playback = undefined;
    stream.latency = undefined;
    stream.isAtLive = false;
    return "ended";
  }

  /** Tells live from stalled by whether the picture moves. */
  function watchProgress(playback: Playback): () => void {
    let position = video.currentTime;
    let movedAt = performance.now();
    let hasPlayed = false;
    return () => {
      const now = performance.now();
      if (video.currentTime !== position) {
        hasPlayed ||= video.currentTime > position && position > 0;
        position = video.currentTime;
        movedAt = now;
      }
      const isPaused = video.paused && hasPlayed;
      const isMoving = now - movedAt < STALL_MS;
      if (!isPaused && !isMoving) playback.endIfOver();
      if (!isPaused && hasPlayed) stream.state = isMoving ? "live" : "reconnecting";
      stream.latency = hasPlayed && isMoving && !isPaused ? playback.latency() : undefined;
      stream.isAtLive = stream.latency !== undefined && playback.behind() < NEAR_LIVE_S;
      onChange();
    };
  }

  document.addEventListener("visibilitychange", () => {
    const behind = stream.playback?.latency() ?? 0;
    if (!document.hidden && !video.paused && behind > FAR_BEHIND_S) stream.playback?.catchUp();
  });
  if (address === undefined) show("unknown");
  else void run(playlistUrl(address.playbackId, address.token));
  return stream;
}
