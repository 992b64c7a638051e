import { expect, it } from "vitest";
import { minorDigits, minorOf, typed } from "./money";

it("knows how many digits a currency has, and takes two while it is typed", () => {
  expect(["USD", "JPY", "KWD", "US"].map(minorDigits)).toEqual([2, 0, 3, 2]);
});

it("takes what it wrote", () => {
  for (const [minor, currency] of [[999, "USD"], [1999, "EUR"], [500, "JPY"], [1234, "KWD"], [0, "INR"]] as const) {
    expect(minorOf(typed(minor, currency), currency)).toBe(minor);
  }
});

it("does not lose a cent to binary fractions", () => {
  expect(minorOf("19.99", "USD")).toBe(1999);
  expect(minorOf("1.15", "USD")).toBe(115);
});
