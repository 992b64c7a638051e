/** Holds what a browser loads before its first picture to a size, in what `npm run build` has made last. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const FIRST_PICTURE_KB = 150;
const PLAYER_KB = 130;

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
}

const dist = new URL("../dist", import.meta.url).pathname;
const path = join(dist, ".vite/manifest.json");
let chunks: Record<string, Chunk> = {};
beforeAll(() => {
  if (!existsSync(path)) throw new Error(`${path} is missing: build the pages first, by npm run build`);
  chunks = JSON.parse(readFileSync(path, "utf8")) as Record<string, Chunk>;
});

/** The scripts that have to be there before any of `entries` runs. */
function scriptsOf(entries: readonly string[]): Set<string> {
  const files = new Set<string>();
  const add = (name: string) => {
    const chunk = chunks[name];
    if (chunk === undefined) throw new Error(`the build knows no ${name}`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(add);
  };
  entries.forEach(add);
  return files;
}

/** Their size as it is sent, in kB: the build compresses each file once (vite.config.ts). */
function sizeOf(files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + statSync(join(dist, `${file}.br`)).size, 0) / 1000;
}

/** The pages that the router asks for; those beside logging in stand in the frame. */
function pages(): string[] {
  const asked = new Set(chunks["index.html"]?.dynamicImports);
  return [...asked].filter((name) => name.endsWith(".tsx") && name !== "src/shell/layout.tsx");
}

describe("what is loaded before the first picture", () => {
  it(`is at most ${FIRST_PICTURE_KB} kB of scripts on every other page`, () => {
    expect(pages()).toContain("src/account/log-in.tsx");
    const sizes = pages().map((page) => {
      const frame = page.startsWith("src/account/") ? [] : ["src/shell/layout.tsx"];
      return [page, Math.round(sizeOf(scriptsOf(["index.html", ...frame, page])))] as const;
    });
    const largest = Math.max(...sizes.map(([, size]) => size));
    console.info(`figure: first scripts: log-in ${new Map(sizes).get("src/account/log-in.tsx")} kB, at most ${largest} kB`);
    const above = sizes.filter(([, size]) => size > FIRST_PICTURE_KB);
    expect(above).toEqual([]);
  });

  it("holds no player, no graphs, no archives and no live channel", () => {
    const first = [...scriptsOf(["index.html", "src/shell/layout.tsx", ...pages()])].join(" ");
    expect(first).not.toMatch(/hls|uplot|fflate|socket/i);
  });

  it(`is at most ${PLAYER_KB} kB of scripts for the player, with what plays`, () => {
    // What counts viewers comes after the picture, and dialogs when they are asked for.
    const first = scriptsOf(["watch.html"]);
    const asked = Object.values(chunks).filter(({ file }) => first.has(file)).flatMap((chunk) => chunk.dynamicImports ?? []);
    const plays = [...new Set(asked)].filter((name) => name.includes("hls"));
    expect(plays).toHaveLength(1);
    const size = sizeOf(scriptsOf(["watch.html", ...plays]));
    console.info(`figure: the player: ${Math.round(size)} kB`);
    expect(size).toBeLessThanOrEqual(PLAYER_KB);
  });
});
