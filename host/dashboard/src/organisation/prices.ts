/** Prices of plans as people read them. */

import { language } from "../text/language";
import type { PlanPriceBody } from "../../generated/schema";

/** Countries that do not pay in dollars, as far as plans are likely to have their currency. */
const currencies: Record<string, string> = {
  AE: "AED", AT: "EUR", AU: "AUD", BE: "EUR", BR: "BRL", CA: "CAD", CH: "CHF", CZ: "CZK", DE: "EUR", DK: "DKK", EG: "EGP", ES: "EUR",
  FI: "EUR", FR: "EUR", GB: "GBP", GR: "EUR", HU: "HUF", ID: "IDR", IE: "EUR", IN: "INR", IT: "EUR", JP: "JPY", KR: "KRW", MX: "MXN",
  NL: "EUR", NO: "NOK", NZ: "NZD", PL: "PLN", PT: "EUR", SA: "SAR", SE: "SEK", SG: "SGD", TR: "TRY", ZA: "ZAR",
};

/** The currency that a reader most likely pays in, among those that there are; undefined where there is none. */
export function currencyFor(locales: readonly string[], offered: readonly string[]): string | undefined {
  const wanted = locales.flatMap((locale) => currencies[regionOf(locale) ?? ""] ?? []);
  return [...wanted, "USD"].find((currency) => offered.includes(currency)) ?? offered[0];
}

function regionOf(locale: string): string | undefined {
  try {
    return new Intl.Locale(locale).maximize().region;
  } catch {
    return undefined;
  }
}

/** The currencies that plans have prices in, each once, in the order of the alphabet. */
export function currenciesOf(plans: readonly { prices: readonly PlanPriceBody[] }[]): string[] {
  return [...new Set(plans.flatMap(({ prices }) => prices.map(({ currency }) => currency)))].sort();
}

/** An amount in the minor unit of its currency, such as 999 for 9.99 US dollars. */
export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat(language, { style: "currency", currency });
  // ISO 4217 says how many minor units there are; yen have none, dinars have a thousand.
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}
