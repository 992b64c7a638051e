/** The contrast of two colours as WCAG 2.2 measures it. */

/** Red, green and blue, each from 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Reads what browsers compute for `color`: `rgb(27, 25, 20)`. */
export function parsedRgb(colour: string): Rgb | undefined {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return colour.startsWith("rgb") && red !== undefined && green !== undefined && blue !== undefined
    ? [red, green, blue]
    : undefined;
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** From 1 (the same) to 21 (black on white). */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((first, second) => first - second);
  return (light + 0.05) / (dark + 0.05);
}
