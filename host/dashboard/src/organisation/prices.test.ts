import { expect, it } from "vitest";
import { currenciesOf, currencyFor, money } from "./prices";

it("takes the reader's currency where there is a price in it", () => {
  expect(currencyFor(["hi-IN"], ["EUR", "INR", "USD"])).toBe("INR");
  expect(currencyFor(["de-DE"], ["EUR", "INR", "USD"])).toBe("EUR");
});

it("guesses the country of a language that names none", () => {
  expect(currencyFor(["hi"], ["INR", "USD"])).toBe("INR");
});

it("falls back to dollars, then to whatever there is", () => {
  expect(currencyFor(["ja-JP"], ["INR", "USD"])).toBe("USD");
  expect(currencyFor(["not a locale"], ["INR"])).toBe("INR");
  expect(currencyFor([], [])).toBeUndefined();
});

it("knows how many minor units a currency has", () => {
  expect(money(999, "USD")).toBe("$9.99");
  expect(money(999, "JPY")).toBe("¥999");
  expect(money(1500, "KWD")).toMatch(/1\.500/);
});

it("lists each currency once", () => {
  const price = (currency: string) => ({ currency, billing_cycle: "monthly", amount_minor: 1 });
  expect(currenciesOf([{ prices: [price("USD"), price("INR")] }, { prices: [price("USD")] }])).toEqual(["INR", "USD"]);
});
