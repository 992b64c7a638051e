/** Where the viewer page finds its stream. */

/** What a playback token looks like: three pieces of base64url (RFC 7515 3.1). */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * The multivariant playlist for a page's address; undefined where the address names no stream.
 *
 * A playback token stands behind `#token=`, which browsers send to nobody, or in the query. In the playlist's path the
 * relative addresses of everything else carry it on.
 */
export function playlistAddress({ pathname, search, hash }: Pick<Location, "pathname" | "search" | "hash">): string | undefined {
  const playbackId = /^\/watch\/([a-z0-9]+)\/?$/.exec(pathname)?.[1];
  if (playbackId === undefined) return undefined;
  const token = new URLSearchParams(hash.slice(1)).get("token") ?? new URLSearchParams(search).get("token");
  const isToken = token !== null && TOKEN.test(token);
  return isToken ? `/hls/${playbackId}/${token}/index.m3u8` : `/hls/${playbackId}/index.m3u8`;
}
