import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { plural, type Plural } from "../text/plural";
import { Empty } from "../ui/empty";
import { Select } from "../ui/field";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import type { OfferedPlanBody } from "../../generated/schema";
import { currenciesOf, currencyFor, money } from "./prices";
import { plansQuery } from "./queries";
import { text } from "./usage/text";

/** The plans that are offered; `own` is the organisation's. */
export function Plans({ own }: { own: string | undefined }) {
  const plans = useQuery(plansQuery);
  return (
    <Section title={text.usage.offered} intro={text.usage.offeredIntro} isBare>
      <Loaded query={plans}>
        {(offered) =>
          offered.length === 0 ? (
            <Empty title={text.usage.noPlans} hint={text.usage.noPlansHint} />
          ) : (
            <Offer plans={offered} own={own} />
          )
        }
      </Loaded>
    </Section>
  );
}

function Offer({ plans, own }: { plans: readonly OfferedPlanBody[]; own: string | undefined }) {
  const currencies = currenciesOf(plans);
  const [currency, setCurrency] = useState(currencyFor(navigator.languages, currencies));
  const [cycle, setCycle] = useState("monthly");
  return (
    <div className="grid gap-4">
      {currency !== undefined && (
        <div className="grid gap-4 sm:grid-cols-[12rem_12rem]">
          <Select label={text.usage.cycle} value={cycle} onChange={(event) => setCycle(event.target.value)}>
            {Object.entries(text.usage.cycles).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          {currencies.length > 1 && (
            <Select label={text.usage.currency} value={currency} onChange={(event) => setCurrency(event.target.value)}>
              {currencies.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </div>
      )}
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {plans.map((plan) => (
          <Plan key={plan.id} plan={plan} isOwn={plan.id === own} currency={currency} cycle={cycle} />
        ))}
      </ul>
    </div>
  );
}

interface PlanProps {
  plan: OfferedPlanBody;
  isOwn: boolean;
  currency: string | undefined;
  cycle: string;
}

function Plan({ plan, isOwn, currency, cycle }: PlanProps) {
  return (
    <li className={`grid content-start gap-4 rounded-lg border bg-surface p-5 ${isOwn ? "border-accent" : "border-line"}`}>
      <div className="grid gap-1">
        <div className="flex flex-wrap items-baseline justify-between gap-2">
          <h3 className="text-lg font-semibold">{plan.name}</h3>
          {isOwn && <span className="text-xs font-semibold text-accent">{text.usage.yours}</span>}
        </div>
        {plan.description !== "" && <p className="text-sm text-muted">{plan.description}</p>}
      </div>
      <p className="text-xl font-semibold tabular-nums">{priceOf(plan, currency, cycle)}</p>
      <ul className="grid gap-1.5 text-sm">
        {linesOf(plan).map((line) => (
          <li key={line} className="flex gap-2">
            <span aria-hidden className="text-accent">
              ✓
            </span>
            {line}
          </li>
        ))}
      </ul>
    </li>
  );
}

function priceOf({ prices }: OfferedPlanBody, currency: string | undefined, cycle: string): string {
  if (prices.length === 0) return text.usage.unpriced;
  const price = prices.find((one) => one.currency === currency && one.billing_cycle === cycle);
  if (price === undefined) return text.usage.noPrice;
  if (price.amount_minor === 0) return text.usage.free;
  const amount = money(price.amount_minor, price.currency);
  return cycle === "yearly" ? text.usage.perYear(amount) : text.usage.perMonth(amount);
}

function linesOf(plan: OfferedPlanBody): string[] {
  const line = (max: number | null | undefined, words: Plural, any: string) => (max == null ? any : plural(words, max));
  const { limit, noLimit, features } = text.usage;
  return [
    line(plan.max_sources, limit.sources, noLimit.sources),
    line(plan.max_destinations, limit.destinations, noLimit.destinations),
    line(plan.max_chat_connectors, limit.connectors, noLimit.connectors),
    line(plan.max_streaming_hours_monthly, limit.hours, noLimit.hours),
    ...plan.features.map((word) => features[word] ?? word.replaceAll("_", " ")),
  ];
}
