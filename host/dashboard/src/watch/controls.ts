/** The control bar: what it shows follows the stream and the video, what is pressed becomes an action. */

import { seconds } from "../format/seconds";
import { plural } from "../text/plural";
import { drawn, iconButton, make, redraw, rename, write } from "./elements";
import type { Action } from "./keyboard";
import { canFillScreen, canFloat, isScreenFilled } from "./screen";
import type { Stream } from "./stream";
import { text } from "./text";

/** The bar, and what keeps it up to date. */
export interface Controls {
  element: HTMLElement;
  /** Shows what is so now. */
  update(): void;
  /** Shows how many watch, or nothing. */
  showViewers(viewers: number | undefined): void;
  /** Whether a menu is open. */
  isOpen(): boolean;
}

/** Makes the bar; `extra` stands at its end. */
export function controls(
  video: HTMLVideoElement,
  stream: Stream,
  perform: (action: Action) => void,
  extra: Node[],
): Controls {
  const button = (icon: Parameters<typeof iconButton>[0], name: string, action: Action, key: string) => {
    const made = iconButton(icon, name, { "aria-keyshortcuts": key });
    made.addEventListener("click", () => perform(action));
    return made;
  };
  const play = button("play", text.play, { do: "togglePlay" }, "k");
  const mute = button("sound", text.mute, { do: "toggleMute" }, "m");
  const volume = make("input", { type: "range", min: "0", max: "1", step: "0.05", "aria-label": text.volume });
  volume.addEventListener("input", () => {
    video.volume = Number(volume.value);
    video.muted = video.volume === 0;
  });
  const { element: live, update: updateLive } = liveButton(stream, video, () => perform({ do: "live" }));
  const watching = make("span", { class: "player-viewers", hidden: true });
  const quality = qualityButton(stream, video);
  const help = button("help", text.help, { do: "help" }, "?");
  help.classList.add("player-help");
  const float = button("pictureInPicture", text.pictureInPicture, { do: "togglePictureInPicture" }, "i");
  float.classList.add("player-float");
  float.hidden = !canFloat();
  const fill = button("fullScreen", text.fullScreen, { do: "toggleFullScreen" }, "f");
  fill.hidden = !canFillScreen(video);

  const sound = make("div", { class: "player-sound" }, mute, volume);
  const start = make("div", { class: "player-group" }, play, sound, live, watching);
  const end = make("div", { class: "player-group" }, quality, help, float, fill, ...extra);
  return {
    element: make("div", { class: "player-bar", role: "group", "aria-label": text.controls }, start, end),
    isOpen: () => quality.querySelector("[aria-expanded=true]") !== null,
    update: () => {
      redraw(play, video.paused ? "play" : "pause");
      rename(play, video.paused ? text.play : text.pause);
      redraw(mute, video.muted ? "silent" : "sound");
      mute.setAttribute("aria-pressed", String(video.muted));
      volume.value = String(video.muted ? 0 : video.volume);
      redraw(fill, isScreenFilled() ? "leaveFullScreen" : "fullScreen");
      rename(fill, isScreenFilled() ? text.leaveFullScreen : text.fullScreen);
      quality.hidden = stream.playback === undefined;
      updateLive();
    },
    showViewers: (viewers) => {
      watching.hidden = viewers === undefined;
      if (viewers === undefined) return;
      const words = make("span", { class: "visually-hidden" }, plural(text.watching, viewers));
      const figure = make("span", { "aria-hidden": "true" }, plural({ other: "#" }, viewers));
      watching.dataset["viewers"] = String(viewers);
      watching.replaceChildren(drawn("viewers"), figure, words);
    },
  };
}

/** The button of the menu of qualities, which comes when it is asked for. */
function qualityButton(stream: Stream, video: HTMLVideoElement): HTMLElement {
  const button = iconButton("quality", text.quality, { "aria-haspopup": "menu", "aria-expanded": "false" });
  const element = make("div", { class: "player-quality" }, button);
  button.addEventListener(
    "click",
    () => void import("./quality-menu").then(({ attachQualityMenu }) => attachQualityMenu(element, button, stream, video)),
    { once: true },
  );
  return element;
}

/** The light of the live edge, which also leads there: red with the latency at the edge, hollow behind it. */
function liveButton(stream: Stream, video: HTMLVideoElement, goLive: () => void) {
  const word = make("span", {}, text.live);
  const figure = make("span", { class: "player-latency", id: "latency" });
  const element = make(
    "button",
    { type: "button", class: "player-live", "aria-keyshortcuts": "l" },
    make("span", { class: "player-light", "aria-hidden": "true" }),
    word,
    figure,
  );
  element.addEventListener("click", goLive);
  const update = () => {
    const isReady = stream.state === "ready";
    element.hidden = stream.playback === undefined && !isReady;
    const isAtLive = isReady || (stream.isAtLive && !video.paused);
    element.dataset["edge"] = isAtLive ? "at" : "behind";
    element.title = isAtLive && !isReady ? text.atLive : text.goLive;
    write(word, isAtLive ? text.live : text.goLive);
    write(figure, stream.latency === undefined ? "" : seconds(stream.latency));
  };
  return { element, update };
}
