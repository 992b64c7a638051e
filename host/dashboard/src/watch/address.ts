/** Where the player's pages find their stream, and how they are asked to begin. */

/** What a playback token looks like: three pieces of base64url (RFC 7515 3.1). */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** What a page's address says. */
export interface StreamAddress {
  playbackId: string;
  /** The playback token, for sources that want one. */
  token: string | undefined;
  /** Whether the picture begins without a click; undefined leaves it to the page. */
  autoplay: boolean | undefined;
  /** Whether it begins without sound; undefined leaves it to the page. */
  muted: boolean | undefined;
}

/**
 * What the address of a page says; undefined where it names no stream.
 *
 * What follows `#` is sent to nobody, so a playback token stands there, or in the query where it must.
 */
export function streamAddress({ pathname, search, hash }: Pick<Location, "pathname" | "search" | "hash">): StreamAddress | undefined {
  const playbackId = /^\/(?:watch|embed)\/([a-z0-9]+)\/?$/.exec(pathname)?.[1];
  if (playbackId === undefined) return undefined;
  const said = [new URLSearchParams(hash.slice(1)), new URLSearchParams(search)];
  const parameter = (name: string) => said.find((parameters) => parameters.has(name))?.get(name);
  const token = parameter("token");
  return {
    playbackId,
    token: token != null && TOKEN.test(token) ? token : undefined,
    autoplay: switchOf(parameter("autoplay")),
    muted: switchOf(parameter("muted")),
  };
}

/** `muted`, `muted=1` and `muted=true` are yes. */
function switchOf(value: string | null | undefined): boolean | undefined {
  return value == null ? undefined : !["0", "false", "no"].includes(value);
}

/** The multivariant playlist of a stream. In its path the relative addresses of everything else carry the token on. */
export function playlistUrl(playbackId: string, token?: string): string {
  return token === undefined ? `/hls/${playbackId}/index.m3u8` : `/hls/${playbackId}/${token}/index.m3u8`;
}
