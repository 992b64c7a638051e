/**
 * The viewer page: waits for the stream, plays it, and waits again when it ends, without a reload.
 *
 * What it knows stands in data attributes of `#player`: `data-state` and `data-latency` (seconds).
 */

import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import { text } from "./text";
import { playlistUrl, streamAddress } from "./address";
import { untilStart, type Start } from "./availability";
import { play, type Playback } from "./playback";

type State = "waiting" | "starting" | "live" | "reconnecting" | "ended" | "refused" | "unknown" | "unsupported";

/** Without a new picture for this long, the viewer is told. */
const STALL_MS = 1500;

/** Beyond this distance, a tab that comes back jumps to the live edge. */
const FAR_BEHIND_S = 6;

/** How often progress is looked at. */
const TICK_MS = 250;

const words: Record<State, { short: string; long?: string }> = {
  waiting: { short: text.waitingShort, long: text.waiting },
  starting: { short: text.starting },
  live: { short: text.live },
  reconnecting: { short: text.reconnecting },
  ended: { short: text.waitingShort, long: text.ended },
  refused: { short: text.refusedShort, long: text.refused },
  unknown: { short: text.waitingShort, long: text.unknown },
  unsupported: { short: text.waitingShort, long: text.unsupported },
};

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const player = element("player");
const video = element<HTMLVideoElement>("video");
const unmute = element<HTMLButtonElement>("unmute");
const stateLine = element("state");
const latencyLine = element("latency");

let playback: Playback | undefined;

function show(state: State) {
  if (player.dataset["state"] === state && stateLine.textContent !== "") return;
  player.dataset["state"] = state;
  stateLine.dataset["state"] = state;
  stateLine.textContent = words[state].short;
  element("curtain-text").textContent = words[state].long ?? "";
  showSoundButton();
}

function showLatency(seconds: number | undefined) {
  player.dataset["latency"] = seconds === undefined ? "" : seconds.toFixed(2);
  latencyLine.textContent = seconds === undefined ? "" : text.behind(seconds.toFixed(1));
}

function showSoundButton() {
  const isPlaying = player.dataset["state"] === "live" || player.dataset["state"] === "reconnecting";
  unmute.hidden = !(video.muted && isPlaying);
}

/** Plays until the stream ends; resolves then. */
async function playToTheEnd(url: string, start: Start): Promise<State> {
  show("starting");
  let onEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  playback = await play(video, url, start, onEnd);
  if (playback === undefined) return "unsupported";
  const watching = setInterval(watchProgress(), TICK_MS);
  await ended;
  clearInterval(watching);
  playback.stop();
  playback = undefined;
  showLatency(undefined);
  return "ended";
}

/** Tells live from stalled by whether the picture moves. */
function watchProgress(): () => void {
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
    if (video.paused && hasPlayed) return showLatency(undefined);
    const isMoving = now - movedAt < STALL_MS;
    if (!isMoving) playback?.endIfOver();
    if (hasPlayed) show(isMoving ? "live" : "reconnecting");
    showLatency(hasPlayed && isMoving ? playback?.latency() : undefined);
  };
}

async function watchStream() {
  document.title = `${text.title} · ${brand.name}`;
  const mark = new Image();
  mark.src = markUrl;
  mark.alt = "";
  document.querySelector("[data-brand]")?.append(mark, brand.name);
  video.setAttribute("aria-label", text.title);
  unmute.textContent = text.unmute;

  const address = streamAddress(location);
  if (address === undefined) return show("unknown");
  const url = playlistUrl(address.playbackId, address.token);
  // Another token in the same address is another page.
  window.addEventListener("hashchange", () => location.reload());
  show("waiting");
  for (;;) {
    const start = await untilStart(url, (isRefused) => {
      if (isRefused) show("refused");
      else if (player.dataset["state"] === "refused") show("waiting");
    });
    const end = await playToTheEnd(url, start);
    show(end);
    if (end === "unsupported") return;
  }
}

unmute.addEventListener("click", () => {
  video.muted = false;
  video.play().catch(() => undefined);
  video.focus();
});
video.addEventListener("volumechange", showSoundButton);
document.addEventListener("visibilitychange", () => {
  const behind = playback?.latency() ?? 0;
  if (!document.hidden && behind > FAR_BEHIND_S) playback?.catchUp();
});

void watchStream();
