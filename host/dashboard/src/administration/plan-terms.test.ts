import { expect, it } from "vitest";
import { termsOf } from "./plan-terms";

function form(entries: [string, string][]): FormData {
  const fields = new FormData();
  entries.forEach(([name, value]) => fields.append(name, value));
  return fields;
}

it("takes an empty limit for none, and 0 for nothing at all", () => {
  const terms = termsOf(form([["max_sources", ""], ["max_destinations", "0"], ["max_chat_connectors", "6"]]));
  expect([terms.max_sources, terms.max_destinations, terms.max_chat_connectors]).toEqual([null, 0, 6]);
});

it("reads as many prices as there are rows, in the currency's minor unit", () => {
  const terms = termsOf(
    form([
      ["currency", "usd"],
      ["amount", "19.99"],
      ["billing_cycle", "monthly"],
      ["currency", "JPY"],
      ["amount", "3000"],
      ["billing_cycle", "yearly"],
    ]),
  );
  expect(terms.prices).toEqual([
    { currency: "USD", amount_minor: 1999, billing_cycle: "monthly" },
    { currency: "JPY", amount_minor: 3000, billing_cycle: "yearly" },
  ]);
});

it("takes a feature a line and leaves empty lines out", () => {
  expect(termsOf(form([["features", " analytics \n\nbranding\n"]])).features).toEqual(["analytics", "branding"]);
});

it("offers a plan only where the box was ticked", () => {
  expect(termsOf(form([])).is_offered).toBe(false);
  expect(termsOf(form([["is_offered", "on"]])).is_offered).toBe(true);
});
