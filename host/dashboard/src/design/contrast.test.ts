import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { contrast, parsedRgb, type Rgb } from "./contrast";

it("measures as WCAG does", () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBe(21);
  expect(contrast([255, 255, 255], [255, 255, 255])).toBe(1);
  // The grey that just passes on white.
  expect(contrast([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2);
});

it("reads what browsers compute", () => {
  expect(parsedRgb("rgb(27, 25, 20)")).toEqual([27, 25, 20]);
  expect(parsedRgb("rgba(27, 25, 20, 0.5)")).toEqual([27, 25, 20]);
  expect(parsedRgb("light-dark(red, blue)")).toBeUndefined();
});

/** The colours of the brand, light and dark, from the one file that has them. */
const colours = new Map(
  [...readFileSync(new URL("../brand/colours.css", import.meta.url), "utf8").matchAll(
    /--brand-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g,
  )].map(([, name = "", light = "", dark = ""]) => [name, [hex(light), hex(dark)] as const]),
);

function hex(colour: string): Rgb {
  return [1, 3, 5].map((place) => Number.parseInt(colour.slice(place, place + 2), 16)) as unknown as Rgb;
}

const pairs = (names: string[], grounds: string[]) =>
  names.flatMap((name) => grounds.flatMap((ground) => ["light", "dark"].map((theme, at) => ({ name, ground, theme, at }))));

function ratio({ name, ground, at }: { name: string; ground: string; at: number }): number {
  return contrast(colours.get(name)?.[at] ?? [0, 0, 0], colours.get(ground)?.[at] ?? [0, 0, 0]);
}

const text = pairs(["ink", "muted", "accent", "good", "warn", "bad"], ["canvas", "surface", "sunken"]);

it.each(text)("lets $name be read on $ground, $theme (WCAG 1.4.3)", (pair) => {
  expect(ratio(pair)).toBeGreaterThanOrEqual(4.5);
});

it.each(pairs(["edge"], ["canvas", "surface", "sunken"]))("shows the edge of controls on $ground, $theme (1.4.11)", (pair) => {
  expect(ratio(pair)).toBeGreaterThanOrEqual(3);
});
