/** What a plan is, between its form and the API. */

import type { PlanDetailBody, PlanPriceBody, PlanTermsBody } from "../../generated/schema";
import { minorOf } from "./money";

/** A plan as it begins: unlimited, free, and shown to nobody. */
export function emptyPlan(id: string): PlanDetailBody {
  return {
    id,
    is_default: false,
    name: "",
    description: "",
    audience: "creator",
    max_sources: null,
    max_destinations: null,
    max_streaming_hours_monthly: null,
    max_chat_connectors: null,
    features: [],
    prices: [],
    is_offered: false,
    position: 0,
  };
}

/** The terms that a form says. */
export function termsOf(fields: FormData): PlanTermsBody {
  return {
    name: words(fields, "name"),
    description: words(fields, "description"),
    audience: words(fields, "audience"),
    max_sources: limit(fields, "max_sources"),
    max_destinations: limit(fields, "max_destinations"),
    max_streaming_hours_monthly: limit(fields, "max_streaming_hours_monthly"),
    max_chat_connectors: limit(fields, "max_chat_connectors"),
    features: words(fields, "features").split("\n").map((line) => line.trim()).filter((line) => line !== ""),
    prices: pricesOf(fields),
    is_offered: fields.get("is_offered") !== null,
    position: Number(words(fields, "position")),
  };
}

/** Rows of prices have fields of the same names, one after another. */
function pricesOf(fields: FormData): PlanPriceBody[] {
  const [currencies, amounts, cycles] = ["currency", "amount", "billing_cycle"].map((name) => fields.getAll(name).map(String));
  return (currencies ?? []).map((typed, row) => {
    const currency = typed.trim().toUpperCase();
    return { currency, billing_cycle: cycles?.[row] ?? "monthly", amount_minor: minorOf(amounts?.[row] ?? "0", currency) };
  });
}

function words(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "").trim();
}

/** An empty field is no limit. */
function limit(fields: FormData, name: string): number | null {
  const typed = words(fields, name);
  return typed === "" ? null : Number(typed);
}
