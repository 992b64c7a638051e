/** Whether a stream can be played now, read from its playlists. */

/** Shortest and longest pause between two looks at a stream that is not there. */
const PAUSE_MS = { shortest: 250, longest: 4000 };

/** Segments that are longer are not waited for twice. */
const SHORT_SEGMENT_S = 2;

/** What a media playlist says about a start. */
export interface Start {
  /** Whether the player may begin with parts of segments. */
  isLowLatency: boolean;
}

/** The first playlist address in a multivariant playlist (RFC 8216 4.3.4.2: the line after `EXT-X-STREAM-INF`). */
export function firstVariant(multivariant: string): string | undefined {
  const lines = multivariant.split(/\r?\n/);
  const tag = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF"));
  if (tag < 0) return undefined;
  return lines.slice(tag + 1).find((line) => line !== "" && !line.startsWith("#"));
}

/**
 * How to start on a media playlist; undefined while there is nothing to start on.
 *
 * With parts, hls.js 1.7 wants two whole segments: with one it fetches the parts of that one over and over,
 * because sound ends a little before the picture. Short segments are worth the wait; with long ones it begins
 * without parts.
 */
export function startOn(media: string): Start | undefined {
  const lines = media.split(/\r?\n/);
  const segments = lines.filter((line) => line.startsWith("#EXTINF:")).length;
  const target = lines.find((line) => line.startsWith("#EXT-X-TARGETDURATION:"));
  const isLong = Number(target?.split(":")[1]) > SHORT_SEGMENT_S;
  if (lines.includes("#EXT-X-ENDLIST") || segments === 0) return undefined;
  return segments >= 2 || isLong ? { isLowLatency: segments >= 2 } : undefined;
}

/** What is told of a look. */
export interface Sight {
  /** Whether the stream runs. */
  isThere: boolean;
  /** Whether it is not for this viewer. */
  isRefused: boolean;
}

/**
 * Resolves when the stream at `url` runs and can be started on; `onLook` learns what each look found.
 * With a `signal` that was given, it looks no more and never resolves.
 */
export async function untilStart(
  url: string,
  onLook: (sight: Sight) => void,
  signal?: AbortSignal,
): Promise<Start> {
  let pause = PAUSE_MS.shortest;
  for (;;) {
    const { isThere, isRefused, start } = await look(url, signal);
    if (signal?.aborted) return new Promise(() => undefined);
    onLook({ isThere, isRefused: isRefused === true });
    if (start !== undefined) return start;
    // A stream that is there but young is worth a look more often than one that may come tomorrow.
    pause = isThere ? PAUSE_MS.shortest : Math.min(pause * 1.5, PAUSE_MS.longest);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

interface Look {
  isThere: boolean;
  /** Whether it is not for this viewer. */
  isRefused?: boolean;
  start?: Start | undefined;
}

async function look(url: string, signal: AbortSignal | undefined): Promise<Look> {
  const request: RequestInit = { cache: "no-store", signal: signal ?? null };
  try {
    const answer = await fetch(url, request);
    const variant = answer.ok ? firstVariant(await answer.text()) : undefined;
    if (variant === undefined) return { isThere: false, isRefused: answer.status === 403 };
    const media = await fetch(new URL(variant, new URL(url, location.href)), request);
    if (!media.ok) return { isThere: false };
    const playlist = await media.text();
    return { isThere: !playlist.includes("#EXT-X-ENDLIST"), start: startOn(playlist) };
  } catch {
    return { isThere: false }; // The network or the server is away; that passes.
  }
}
