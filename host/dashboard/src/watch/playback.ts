/** One playback of a stream: hls.js where Media Source Extensions exist, the browser's own HLS elsewhere. */

import type Hls from "hls.js";
import type { Start } from "./availability";
import { AUTOMATIC, type Level } from "./quality";

/** A running playback. */
export interface Playback {
  /** Seconds between the encoder and the picture on the screen, as far as it is known. */
  latency(): number | undefined;
  /** Seconds between the picture and the newest one that plays smoothly: 0 for whoever just began. */
  behind(): number;
  /** What there is to choose from; nothing where the browser chooses by itself. */
  levels(): Level[];
  /** The level that was chosen, `AUTOMATIC` until then, and the one that plays, -1 while none does. */
  level(): { chosen: number; playing: number };
  /** Plays a level from the next segment on; `AUTOMATIC` leaves the choice to the player. */
  chooseLevel(level: number): void;
  /** Jumps to the newest picture. */
  catchUp(): void;
  /** Calls `onEnd` when the picture stands because everything was shown and no more will come. */
  endIfOver(): void;
  /** Ends the playback and frees the element. */
  stop(): void;
}

/** Distances beyond this are a clock that is wrong, not a late picture. */
const PLAUSIBLE_LATENCY_S = 60;

/** Plays `url` in `video`; undefined where the browser can not. `onEnd` is called once, when nothing more will come. */
export async function play(
  video: HTMLVideoElement,
  url: string,
  { isLowLatency }: Start,
  onEnd: () => void,
): Promise<Playback | undefined> {
  // The light build lacks subtitles, alternate audio and DRM, which live streams do not carry.
  const { default: Hls } = await import("hls.js/light");
  if (Hls.isSupported()) return playWithHls(new Hls({ ...settings, lowLatencyMode: isLowLatency }), Hls, video, url, once(onEnd));
  if (video.canPlayType("application/vnd.apple.mpegurl") !== "") return playNatively(video, url, once(onEnd));
  return undefined;
}

/** The last moments of an ended stream may never show: one track ends before the other. */
const LAST_MOMENTS_S = 0.5;

const settings = {
  // The content security policy allows no worker from a blob, and fragmented MP4 needs no transmuxing.
  enableWorker: false,
  // After a hiccup play a little faster rather than jump.
  maxLiveSyncPlaybackRate: 1.5,
  backBufferLength: 20,
  // In a small frame a small picture is enough.
  capLevelToPlayerSize: true,
};

function playWithHls(
  hls: Hls,
  { Events, ErrorTypes }: typeof Hls,
  video: HTMLVideoElement,
  url: string,
  onEnd: () => void,
): Playback {
  let hasRecovered = false;
  hls.on(Events.ERROR, (_, error) => {
    if (!error.fatal) return;
    if (error.type === ErrorTypes.MEDIA_ERROR && !hasRecovered) {
      hasRecovered = true;
      hls.recoverMediaError();
      return;
    }
    onEnd();
  });
  hls.on(Events.MANIFEST_PARSED, () => startPlaying(video));
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
    hls.lowLatencyMode ||= details.fragments.length >= 2;
  });
  video.addEventListener("ended", onEnd);
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    latency: () => sinceEncoded(hls.playingDate) ?? (hls.latency > 0 ? hls.latency : undefined),
    behind: () => (hls.liveSyncPosition === null ? 0 : Math.max(0, hls.liveSyncPosition - video.currentTime)),
    levels: () => hls.levels.map(({ height, bitrate, frameRate }) => ({ height, bitrate, frameRate })),
    level: () => ({ chosen: hls.autoLevelEnabled ? AUTOMATIC : hls.nextLevel, playing: hls.currentLevel }),
    chooseLevel: (level) => {
      hls.nextLevel = level;
    },
    endIfOver: () => {
      const details = hls.latestLevelDetails;
      if (details?.live === false && video.currentTime > details.edge - LAST_MOMENTS_S) onEnd();
    },
    catchUp: () => {
      if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
    },
    stop: () => {
      video.removeEventListener("ended", onEnd);
      hls.destroy();
    },
  };
}

/** About as far from the end of what it can seek to the browser's own player begins. */
const NATIVE_HOLD_BACK_S = 4;

/** Safari's extension of the media element: the date of media time zero. */
interface DatedVideo extends HTMLVideoElement {
  getStartDate?(): Date;
}

function playNatively(video: DatedVideo, url: string, onEnd: () => void): Playback {
  video.addEventListener("ended", onEnd);
  video.addEventListener("error", onEnd);
  video.src = url;
  startPlaying(video);
  const edge = () => (video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : undefined);
  return {
    latency: () => {
      const start = video.getStartDate?.().getTime();
      if (start !== undefined && Number.isFinite(start)) {
        return sinceEncoded(new Date(start + video.currentTime * 1000));
      }
      const end = edge();
      return end === undefined ? undefined : end - video.currentTime;
    },
    behind: () => Math.max(0, (edge() ?? 0) - NATIVE_HOLD_BACK_S - video.currentTime),
    levels: () => [],
    level: () => ({ chosen: AUTOMATIC, playing: -1 }),
    chooseLevel: () => undefined,
    // The element's own `ended` is all there is to know.
    endIfOver: () => undefined,
    catchUp: () => {
      const end = edge();
      if (end !== undefined) video.currentTime = end;
    },
    stop: () => {
      video.removeEventListener("ended", onEnd);
      video.removeEventListener("error", onEnd);
      video.removeAttribute("src");
      video.load();
    },
  };
}

/** Seconds since the date that the playlist gives the picture (`EXT-X-PROGRAM-DATE-TIME`). */
function sinceEncoded(date: Date | null): number | undefined {
  if (date === null) return undefined;
  const seconds = (Date.now() - date.getTime()) / 1000;
  return seconds >= 0 && seconds <= PLAUSIBLE_LATENCY_S ? seconds : undefined;
}

/** Plays; where the browser forbids sound that nobody asked for, without it, and where it forbids that too, not yet. */
export function startPlaying(video: HTMLVideoElement) {
  video.play().catch((error: unknown) => {
    const isForbidden = error instanceof DOMException && error.name === "NotAllowedError";
    if (!isForbidden || video.muted) return;
    video.muted = true;
    video.play().catch(() => undefined);
  });
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
