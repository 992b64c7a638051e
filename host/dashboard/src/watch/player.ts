/**
 * The player: a picture, its controls, and words where there is no picture.
 *
 * What it knows stands in data attributes of its element: `data-state`, `data-latency` (seconds between the encoder and
 * the picture) and `data-controls`.
 */

import "./player.css";
import type { StreamAddress } from "./address";
import { controls } from "./controls";
import { drawn, make, write } from "./elements";
import { hideWhenIdle } from "./idle";
import { actionOf, type Action, type Focus } from "./keyboard";
import { areKeysUsed, remember, remembered } from "./memory";
import { isScreenFilled, toggleFullScreen, togglePictureInPicture } from "./screen";
import { follow, type State, type Stream } from "./stream";
import { text } from "./text";

/** The words of a state: a few for the line of the state, and a sentence where there is no picture. */
export const words: Record<State, { short: string; long?: string }> = {
  waiting: { short: text.waitingShort, long: text.waiting },
  ready: { short: text.ready },
  starting: { short: text.starting },
  live: { short: text.live },
  reconnecting: { short: text.reconnecting },
  ended: { short: text.waitingShort, long: text.ended },
  refused: { short: text.refusedShort, long: text.refused },
  unknown: { short: text.waitingShort, long: text.unknown },
  unsupported: { short: text.waitingShort, long: text.unsupported },
};

const VOLUME = "volume";

/** How a page wants its player. */
export interface Wishes {
  address: StreamAddress | undefined;
  /** Whether it begins without a click. */
  autoplay: boolean;
  /** Whether it begins without sound. */
  muted: boolean;
  /** What the page adds to the end of the control bar. */
  extra?: Node[];
  /** Learns of every state. */
  onState?: (state: State) => void;
}

/** Puts a player into `player` and follows the stream. */
export function mountPlayer(player: HTMLElement, { address, autoplay, muted, extra = [], onState }: Wishes): Stream {
  const video = make("video", { id: "video", playsinline: true, "aria-label": text.title });
  video.muted = muted;
  video.volume = volumeOf(remembered(VOLUME));
  const unmute = make("button", { id: "unmute", type: "button", class: "player-unmute", hidden: true }, drawn("silent"), text.unmute);
  const begin = make("button", { type: "button", class: "player-begin", "aria-label": text.play, hidden: true }, drawn("play"));
  const sentence = make("p", { id: "curtain-text" });
  const pulse = make("span", { class: "player-pulse", "aria-hidden": "true" });
  const curtain = make("div", { class: "player-curtain" }, pulse, sentence);
  const spinner = make("span", { class: "player-spinner", "aria-hidden": "true" });
  const status = make("span", { id: "state", class: "visually-hidden", role: "status" });
  let shown: State | undefined;
  let isCounting = false;
  let hasChosenSound = false;

  const update = () => {
    const { state, latency } = stream;
    if (shown !== state) onState?.(state);
    shown = player.dataset["state"] = state;
    player.dataset["latency"] = latency === undefined ? "" : latency.toFixed(2);
    write(status, words[state].short);
    write(sentence, words[state].long ?? "");
    const isPlaying = state === "live" || state === "reconnecting";
    unmute.hidden = !(video.muted && isPlaying && !video.paused && !hasChosenSound);
    begin.hidden = !(state === "ready" || (stream.playback !== undefined && video.paused && video.readyState >= 2));
    bar.update();
    if (state === "live" && !isCounting && address !== undefined) {
      isCounting = true;
      // Nobody misses the figure who has a picture: without Socket.IO there is none.
      void import("./viewers").then(({ followViewers }) => followViewers(address, bar.showViewers)).catch(() => undefined);
    }
  };
  const perform = (action: Action) => {
    if (action.do === "toggleMute" || action.do === "volume") hasChosenSound = true;
    performOn(player, video, stream, action);
    update();
  };
  const stream = follow(video, address, autoplay, () => queueMicrotask(update));
  const bar = controls(video, stream, perform, extra);

  unmute.addEventListener("click", () => {
    hasChosenSound = true;
    video.muted = false;
    video.play().catch(() => undefined);
    player.querySelector<HTMLElement>(".player-bar button")?.focus();
  });
  begin.addEventListener("click", () => stream.start());
  for (const name of ["play", "pause", "playing", "volumechange", "loadedmetadata", "resize"]) {
    video.addEventListener(name, update);
  }
  video.addEventListener("volumechange", () => remember(VOLUME, String(video.volume)));
  document.addEventListener("fullscreenchange", update);
  answerPointer(video, perform);
  answerKeys(perform);
  player.append(make("div", { class: "player-stage" }, video, spinner, unmute, begin, curtain, bar.element), status);
  const isStanding = () => video.paused || stream.state !== "live" || bar.isOpen();
  hideWhenIdle(player, bar.element, isStanding);
  return stream;
}

function performOn(player: HTMLElement, video: HTMLVideoElement, stream: Stream, action: Action) {
  switch (action.do) {
    case "togglePlay":
      if (video.paused) stream.start();
      else video.pause();
      return;
    case "toggleMute":
      video.muted = !video.muted;
      if (!video.muted && video.volume === 0) video.volume = 0.5;
      return;
    case "volume":
      video.volume = Math.min(1, Math.max(0, (video.muted ? 0 : video.volume) + action.by));
      video.muted = video.volume === 0;
      return;
    case "seek":
      return seek(video, action.byS);
    case "live":
      return stream.goLive();
    case "toggleFullScreen":
      return toggleFullScreen(player, video);
    case "togglePictureInPicture":
      return togglePictureInPicture(video);
    case "help":
      // A full screen shows only what is within it.
      void import("./help").then(({ showHelp }) => showHelp(isScreenFilled() ? player : document.body));
  }
}

/** Moves within what the browser still has or can still fetch. */
function seek(video: HTMLVideoElement, byS: number) {
  const { seekable } = video;
  if (seekable.length === 0) return;
  const [first, last] = [seekable.start(0), seekable.end(seekable.length - 1)];
  video.currentTime = Math.min(last, Math.max(first, video.currentTime + byS));
}

/** With a mouse, a press on the picture plays and pauses, two fill the screen. Fingers call the controls (`idle.ts`). */
function answerPointer(video: HTMLVideoElement, perform: (action: Action) => void) {
  let isMouse = true;
  video.addEventListener("pointerdown", (event) => (isMouse = event.pointerType === "mouse"));
  video.addEventListener("click", () => isMouse && perform({ do: "togglePlay" }));
  video.addEventListener("dblclick", () => isMouse && perform({ do: "toggleFullScreen" }));
}

function answerKeys(perform: (action: Action) => void) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !areKeysUsed() || document.querySelector("dialog[open]") !== null) return;
    const action = actionOf(event, focusOf(event.target));
    if (action === undefined) return;
    // Space and arrows would scroll the page.
    event.preventDefault();
    perform(action);
  });
}

function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof HTMLElement)) return "elsewhere";
  if (target.matches("input, textarea, select, [contenteditable]")) return "field";
  return target.closest("button, a") === null ? "elsewhere" : "button";
}

function volumeOf(stored: string | null): number {
  const volume = Number(stored ?? "1");
  return volume >= 0 && volume <= 1 ? volume : 1;
}
