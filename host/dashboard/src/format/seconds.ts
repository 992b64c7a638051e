/** Seconds alone: the player shows nothing else, and is small. */

import { language } from "../text/language";

const tenths = new Intl.NumberFormat(language, {
  style: "unit",
  unit: "second",
  unitDisplay: "narrow",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** `1.3s`, with the sign of the language. */
export function seconds(value: number): string {
  return tenths.format(value);
}
