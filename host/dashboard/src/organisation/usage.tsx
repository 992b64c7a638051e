/** `/usage`: what the organisation uses of its plan. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { call } from "../api/client";
import { useIsAtLeast } from "../api/standing";
import { count, date, decimal } from "../format/format";
import { ConfirmButton } from "../ui/confirm";
import { Figure, Figures, Meter } from "../ui/figure";
import { Loaded } from "../ui/loading";
import { Page, Section } from "../ui/page";
import { Tally } from "../ui/tally";
import type { CheckedOperation, MySubscriptionBody } from "../../generated/schema";
import { Plans } from "./plans";
import { subscriptionQuery } from "./queries";
import { text } from "./usage/text";

const NoRoom = lazy(() => import("./no-room").then(({ NoRoom }) => ({ default: NoRoom })));

export function UsagePage() {
  const subscription = useQuery(subscriptionQuery);
  return (
    <Page title={text.usage.title} intro={text.usage.intro}>
      <Loaded query={subscription} lines={6}>
        {(mine) => (
          <>
            <Section title={text.usage.use}>
              <Meters mine={mine} />
            </Section>
            <Section title={text.usage.present}>
              <Present mine={mine} />
            </Section>
          </>
        )}
      </Loaded>
      <Plans own={subscription.data?.subscription.plan.id} />
    </Page>
  );
}

/** How much of one thing is used. */
export interface Use {
  label: string;
  used: number;
  max: number | null | undefined;
  operation: CheckedOperation;
  /** Hours are counted in tenths. */
  isHours?: boolean;
}

function usesOf({ subscription: { plan }, usage }: MySubscriptionBody): Use[] {
  return [
    { label: text.usage.sources, used: usage.sources_used, max: plan.max_sources, operation: "create_source" },
    { label: text.usage.destinations, used: usage.destinations_used, max: plan.max_destinations, operation: "create_destination" },
    { label: text.usage.connectors, used: usage.chat_connectors_used, max: plan.max_chat_connectors, operation: "create_chat_connector" },
    {
      label: text.usage.hours,
      used: usage.streaming_hours_used,
      max: plan.max_streaming_hours_monthly,
      operation: "start_stream",
      isHours: true,
    },
  ];
}

function Meters({ mine }: { mine: MySubscriptionBody }) {
  const uses = usesOf(mine);
  const full = uses.filter(({ used, max }) => max != null && used >= max);
  return (
    <div className="grid gap-6">
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {uses.map(({ label, used, max, isHours = false }) => {
          const shown = isHours ? decimal(used) : count(used);
          return (
            <Meter
              key={label}
              label={label}
              used={used}
              max={max ?? undefined}
              value={max == null ? text.usage.unlimited(shown) : text.usage.of(shown, count(max))}
              note={isHours ? text.usage.hoursReset(date(mine.usage.streaming_hours_reset_at)) : undefined}
            />
          );
        })}
      </div>
      {full.length > 0 && (
        <Suspense>
          <NoRoom uses={full} />
        </Suspense>
      )}
    </div>
  );
}

function Present({ mine: { subscription } }: { mine: MySubscriptionBody }) {
  const isSubscribed = subscription.id != null;
  const end = date(subscription.current_period_end);
  return (
    <div className="grid gap-5">
      <Figures>
        <Figure label={text.usage.name} value={subscription.plan.name} isLarge />
        {isSubscribed && (
          <>
            <Figure
              label={text.usage.status}
              value={
                <Tally state={subscription.status} tone={subscription.status === "past_due" ? "wait" : "good"}>
                  {text.usage.statuses[subscription.status] ?? subscription.status}
                </Tally>
              }
            />
            <Figure label={text.usage.billed} value={text.usage.cycles[subscription.billing_cycle] ?? subscription.billing_cycle} />
            <Figure label={text.usage.period} value={text.usage.until(end)} />
          </>
        )}
      </Figures>
      {isSubscribed && <End isEnding={subscription.cancel_at_period_end} end={end} />}
    </div>
  );
}

function End({ isEnding, end }: { isEnding: boolean; end: string }) {
  const client = useQueryClient();
  const isOwner = useIsAtLeast("owner");
  if (isEnding) return <p className="text-sm font-medium text-warn">{text.usage.cancelled(end)}</p>;
  if (!isOwner) return null;
  const cancel = async () => {
    client.setQueryData(subscriptionQuery.queryKey, await call("post", "/api/subscriptions/cancel"));
  };
  return (
    <div>
      <ConfirmButton label={text.usage.cancel} consequence={text.usage.cancelConfirm(end)} action={cancel} />
    </div>
  );
}
