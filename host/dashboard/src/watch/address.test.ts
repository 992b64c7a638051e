import { describe, expect, it } from "vitest";
import { playlistAddress } from "./address";

const address = (url: string) => playlistAddress(new URL(url, "https://stream.example.com"));

describe("the address of the viewer page", () => {
  it("names a stream", () => {
    expect(address("/watch/abcdefgh23456789")).toBe("/hls/abcdefgh23456789/index.m3u8");
    expect(address("/watch/abcdefgh23456789/")).toBe("/hls/abcdefgh23456789/index.m3u8");
    expect(address("/watch/")).toBeUndefined();
    expect(address("/watch/../etc")).toBeUndefined();
  });

  it("carries a playback token into the path", () => {
    expect(address("/watch/abcdefgh23456789#token=a.b-_.c")).toBe("/hls/abcdefgh23456789/a.b-_.c/index.m3u8");
    expect(address("/watch/abcdefgh23456789?token=a.b.c")).toBe("/hls/abcdefgh23456789/a.b.c/index.m3u8");
    expect(address("/watch/abcdefgh23456789?token=d.e.f#token=a.b.c")).toBe("/hls/abcdefgh23456789/a.b.c/index.m3u8");
  });

  it("carries nothing else", () => {
    for (const token of ["", "a.b", "..", "a/b.c.d", "%2e%2e.b.c"]) {
      expect(address(`/watch/abcdefgh23456789#token=${token}`)).toBe("/hls/abcdefgh23456789/index.m3u8");
    }
  });
});
