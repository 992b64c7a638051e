import { afterEach, describe, expect, it, vi } from "vitest";
import type { LogLineBody } from "../../../generated/schema";
import { followLog, gapBefore, linesIn, withLines } from "./log-lines";

const line = (number: number, at = `2026-01-01T00:00:${String(number).padStart(2, "0")}Z`): LogLineBody => ({
  number,
  at,
  level: "info",
  text: `line ${number}`,
});

describe("what arrives", () => {
  const event = (one: LogLineBody) => `event: line\nid: ${one.number}\ndata: ${JSON.stringify(one)}\n\n`;

  it("is taken apart wherever the network cut it", () => {
    const all = event(line(1)) + ": still here\n\n" + event(line(2));
    for (let cut = 0; cut <= all.length; cut++) {
      const first = linesIn(all.slice(0, cut));
      const second = linesIn(first.rest + all.slice(cut));
      expect([...first.lines, ...second.lines]).toEqual([line(1), line(2)]);
      expect(second.rest).toBe("");
    }
  });

  it("may end its lines as Windows does, and what is no JSON is passed over", () => {
    expect(linesIn(`data: ${JSON.stringify(line(1))}\r\n\r\ndata: {oops\n\n`).lines).toEqual([line(1)]);
  });
});

describe("lines", () => {
  it("that come again are not shown twice", () => {
    expect(withLines([line(1), line(2)], [line(2), line(3)]).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("count anew after a restart of the server", () => {
    const later = line(1, "2026-01-01T01:00:00Z");
    expect(withLines([line(1), line(2)], [later])).toEqual([line(1), line(2), later]);
  });

  it("are kept up to a thousand", () => {
    const many = Array.from({ length: 1200 }, (_, index) => line(index + 1, `2026-01-01T00:00:00.${index + 1000}Z`));
    expect(withLines([], many)).toHaveLength(1000);
    expect(withLines([], many).at(-1)?.number).toBe(1200);
  });

  it("tell by their numbers how many were missed", () => {
    expect(gapBefore(line(5), line(2))).toBe(2);
    expect(gapBefore(line(2), line(1))).toBe(0);
    expect(gapBefore(line(7), undefined)).toBe(0);
    expect(gapBefore(line(1), line(9))).toBe(0);
  });
});

describe("following", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("asks for what comes after the last line and gives lines as they arrive", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (address: string) => {
      asked.push(address);
      return Promise.resolve(new Response(`data: ${JSON.stringify(line(8))}\n\n`));
    });
    const got: LogLineBody[] = [];
    const onOpen = vi.fn();
    const signal = new AbortController().signal;
    await followLog({ installation: "i-1", signal, after: 7, onOpen, onLines: (lines) => got.push(...lines) });
    expect(asked).toEqual(["/api/installations/i-1/logs/stream?after=7"]);
    expect(onOpen).toHaveBeenCalledOnce();
    expect(got).toEqual([line(8)]);
  });
});
