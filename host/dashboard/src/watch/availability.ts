/** Whether a stream can be played now, read from its playlists. */

/** Shortest and longest pause between two looks at a stream that is not there. */
const PAUSE_MS = { shortest: 1000, longest: 4000 };

/** The first playlist address in a multivariant playlist (RFC 8216 4.3.4.2: the line after `EXT-X-STREAM-INF`). */
export function firstVariant(multivariant: string): string | undefined {
  const lines = multivariant.split(/\r?\n/);
  const tag = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF"));
  if (tag < 0) return undefined;
  return lines.slice(tag + 1).find((line) => line !== "" && !line.startsWith("#"));
}

/** Whether a media playlist has ended (RFC 8216 4.3.3.4). */
export function hasEnded(media: string): boolean {
  return media.split(/\r?\n/).includes("#EXT-X-ENDLIST");
}

/** Whether the stream at `url` runs: its playlist is there and has no end. */
async function isRunning(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok) return false;
    const variant = firstVariant(await answer.text());
    if (variant === undefined) return true;
    const media = await fetch(new URL(variant, new URL(url, location.href)), { cache: "no-store" });
    return media.ok && !hasEnded(await media.text());
  } catch {
    return false; // The network or the server is away; that passes.
  }
}

/** Resolves when the stream at `url` runs. */
export async function untilRunning(url: string): Promise<void> {
  let pause = PAUSE_MS.shortest;
  while (!(await isRunning(url))) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, PAUSE_MS.longest);
  }
}
