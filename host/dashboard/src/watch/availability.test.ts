import { describe, expect, it } from "vitest";
import { firstVariant, hasEnded } from "./availability";

describe("playlists", () => {
  it("give the address after the stream's tag", () => {
    const playlist = "#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\nmedia.m3u8\r\n";
    expect(firstVariant(playlist)).toBe("media.m3u8");
  });

  it("without variants have no address", () => {
    expect(firstVariant("#EXTM3U\n#EXTINF:1,\nseg-1.m4s\n")).toBeUndefined();
  });

  it("end only with the tag that says so", () => {
    expect(hasEnded("#EXTM3U\n#EXTINF:1,\nseg-1.m4s\n#EXT-X-ENDLIST\n")).toBe(true);
    expect(hasEnded("#EXTM3U\n#EXTINF:1,\nseg-1.m4s\n")).toBe(false);
  });
});
