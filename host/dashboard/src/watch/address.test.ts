import { describe, expect, it } from "vitest";
import { playlistUrl, streamAddress } from "./address";

const address = (url: string) => streamAddress(new URL(url, "https://stream.example.com"));

function playlist(url: string): string | undefined {
  const found = address(url);
  return found && playlistUrl(found.playbackId, found.token);
}

describe("the address of a page with a player", () => {
  it("names a stream", () => {
    expect(playlist("/watch/abcdefgh23456789")).toBe("/hls/abcdefgh23456789/index.m3u8");
    expect(playlist("/watch/abcdefgh23456789/")).toBe("/hls/abcdefgh23456789/index.m3u8");
    expect(playlist("/embed/abcdefgh23456789")).toBe("/hls/abcdefgh23456789/index.m3u8");
    expect(playlist("/watch/")).toBeUndefined();
    expect(playlist("/watch/../etc")).toBeUndefined();
  });

  it("carries a playback token into the path", () => {
    expect(playlist("/watch/abcdefgh23456789#token=a.b-_.c")).toBe("/hls/abcdefgh23456789/a.b-_.c/index.m3u8");
    expect(playlist("/embed/abcdefgh23456789?token=a.b.c")).toBe("/hls/abcdefgh23456789/a.b.c/index.m3u8");
    expect(playlist("/watch/abcdefgh23456789?token=d.e.f#token=a.b.c")).toBe("/hls/abcdefgh23456789/a.b.c/index.m3u8");
  });

  it("carries nothing else", () => {
    for (const token of ["", "a.b", "..", "a/b.c.d", "%2e%2e.b.c"]) {
      expect(playlist(`/watch/abcdefgh23456789#token=${token}`)).toBe("/hls/abcdefgh23456789/index.m3u8");
    }
  });

  it("says how to begin, and nothing where it is silent", () => {
    expect(address("/embed/abcdefgh23456789")).toMatchObject({ autoplay: undefined, muted: undefined });
    expect(address("/embed/abcdefgh23456789?autoplay=1&muted=0")).toMatchObject({ autoplay: true, muted: false });
    expect(address("/embed/abcdefgh23456789#autoplay&muted=true")).toMatchObject({ autoplay: true, muted: true });
    expect(address("/embed/abcdefgh23456789?autoplay=1#autoplay=false")).toMatchObject({ autoplay: false });
  });
});
