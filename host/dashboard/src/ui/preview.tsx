/** A small live picture without sound, that costs nothing while nobody can see it. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type RefObject } from "react";
import { call } from "../api/client";
import { useIsAtLeast } from "../api/standing";
import { playlistUrl } from "../watch/address";
import { untilStart } from "../watch/availability";
import { play } from "../watch/playback";
import { text } from "../watch/text";

/** A preview's token is asked for again this long before it ends. */
const TOKEN_MARGIN_MS = 60_000;

/** How long a preview's token holds. */
const TOKEN_AGE_S = 15 * 60;

/**
 * The playback token for a preview of a source; undefined where none is needed, none may be made, or none came yet.
 * Give it to `<Preview>`, which waits for it where `isTokenOnly`.
 */
export function usePreviewToken(sourceId: string, isTokenOnly: boolean): string | undefined {
  const mayMake = useIsAtLeast("editor");
  const { data } = useQuery({
    queryKey: ["preview-token", sourceId],
    queryFn: () =>
      call("post", "/api/sources/{id}/playback-tokens", {
        parameters: { id: sourceId },
        body: { expires_in_s: TOKEN_AGE_S, ip_address: null, viewer_id: null },
      }),
    enabled: isTokenOnly && mayMake,
    staleTime: TOKEN_AGE_S * 1000 - TOKEN_MARGIN_MS,
    refetchInterval: TOKEN_AGE_S * 1000 - TOKEN_MARGIN_MS,
  });
  return isTokenOnly ? data?.token : undefined;
}

interface Props {
  playbackId: string;
  /** Whether a picture arrives. Without one the preview says so and asks for nothing. */
  isLive: boolean;
  /** A playback token, for sources that are `token-only`: see `usePreviewToken`. */
  token?: string | undefined;
  /** Whether the picture is not asked for before a token is there. */
  isTokenOnly?: boolean;
}

type Showing = "waiting" | "playing" | "refused";

/** The picture of a stream as viewers see it, small and without sound; it runs only while it is in sight. */
export function Preview({ playbackId, isLive, token, isTokenOnly = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const isInSight = useIsInSight(box);
  const [showing, setShowing] = useState<Showing>("waiting");
  const mayMakeTokens = useIsAtLeast("editor");
  const lacksToken = isTokenOnly && token === undefined;
  const isRunning = isLive && isInSight && !lacksToken;

  useEffect(() => {
    const element = video.current;
    if (!isRunning || element === null) return;
    const over = new AbortController();
    void playWhileWanted(element, playlistUrl(playbackId, token), over.signal, setShowing);
    return () => {
      over.abort();
      setShowing("waiting");
    };
  }, [isRunning, playbackId, token]);

  const isRefused = showing === "refused" || (lacksToken && !mayMakeTokens);
  const isShown = isRunning && showing === "playing";
  return (
    <div
      ref={box}
      data-showing={isLive ? showing : "off"}
      className="relative aspect-video w-full overflow-hidden rounded-md bg-sunken"
    >
      <video
        ref={video}
        muted
        playsInline
        tabIndex={-1}
        disablePictureInPicture
        aria-label={text.preview}
        className={`size-full object-contain ${isShown ? "" : "invisible"}`}
      />
      {!isShown && (
        <p className="absolute inset-0 grid place-items-center p-3 text-center text-sm text-muted">
          {!isLive ? text.previewOff : isRefused ? text.previewRefused : text.previewWaiting}
        </p>
      )}
    </div>
  );
}

/** Plays whenever there is something to play, until `signal` is given; leaves nothing behind. */
async function playWhileWanted(
  video: HTMLVideoElement,
  url: string,
  signal: AbortSignal,
  onShow: (showing: Showing) => void,
) {
  const onPlaying = () => onShow("playing");
  video.addEventListener("playing", onPlaying, { signal });
  while (!signal.aborted) {
    const start = await untilStart(url, ({ isRefused }) => onShow(isRefused ? "refused" : "waiting"), signal);
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    signal.addEventListener("abort", end, { once: true });
    const playback = await play(video, url, start, end);
    // A browser that plays no HLS at all will not learn it.
    if (playback === undefined) return;
    if (!signal.aborted) await ended;
    signal.removeEventListener("abort", end);
    playback.stop();
    if (!signal.aborted) onShow("waiting");
  }
}

/** Whether any of an element can be seen: it is scrolled into sight, and the tab is in front. */
function useIsInSight(element: RefObject<HTMLElement | null>): boolean {
  const [isScrolledTo, setIsScrolledTo] = useState(false);
  const [isInFront, setIsInFront] = useState(() => !document.hidden);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setIsScrolledTo(entries.at(-1)?.isIntersecting === true));
    if (element.current !== null) observer.observe(element.current);
    const look = () => setIsInFront(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
    };
  }, [element]);
  return isScrolledTo && isInFront;
}
