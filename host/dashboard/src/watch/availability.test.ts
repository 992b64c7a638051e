import { describe, expect, it } from "vitest";
import { firstVariant, startOn } from "./availability";

const playlist = (target: number, segments: number, end = "") =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:${target}\n${"#EXTINF:1,\nseg.m4s\n".repeat(segments)}${end}`;

describe("a multivariant playlist", () => {
  it("gives the address after the stream's tag", () => {
    const multivariant = "#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\nmedia.m3u8\r\n";
    expect(firstVariant(multivariant)).toBe("media.m3u8");
  });

  it("without variants has no address", () => {
    expect(firstVariant("#EXTM3U\n#EXTINF:1,\nseg-1.m4s\n")).toBeUndefined();
  });
});

describe("a media playlist", () => {
  it("is started on with parts from its second segment", () => {
    expect(startOn(playlist(1, 0))).toBeUndefined();
    expect(startOn(playlist(1, 1))).toBeUndefined();
    expect(startOn(playlist(1, 2))).toEqual({ isLowLatency: true });
  });

  it("with long segments is started on without parts at first", () => {
    expect(startOn(playlist(8, 1))).toEqual({ isLowLatency: false });
    expect(startOn(playlist(8, 2))).toEqual({ isLowLatency: true });
  });

  it("that has ended is not started on", () => {
    expect(startOn(playlist(1, 7, "#EXT-X-ENDLIST\n"))).toBeUndefined();
  });
});
