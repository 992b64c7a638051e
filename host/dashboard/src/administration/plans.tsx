import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { count } from "../format/format";
import { money } from "../organisation/prices";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Empty } from "../ui/empty";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Panel, Section } from "../ui/page";
import { Table } from "../ui/table";
import { Tally, type Tone } from "../ui/tally";
import { text as common } from "../ui/text";
import type { ListedSubscriptionBody, PlanDetailBody } from "../../generated/schema";
import { Pager } from "./pager";
import { plansQuery, subscriptionsQuery } from "./queries";
import { Room } from "./room";
import { text } from "./text";

/** Plans, and who subscribed to them. */
export function PlansPage() {
  const plans = useQuery(plansQuery);
  const [isAdding, setIsAdding] = useState(false);
  const navigate = useNavigate();
  const add = async (fields: FormData) =>
    navigate({ to: "/admin/plans/$plan", params: { plan: textOf(fields, "plan") } });
  return (
    <Room
      title={text.plans.title}
      intro={text.plans.intro}
      actions={
        <Button look="primary" onClick={() => setIsAdding(true)}>
          {text.plans.add}
        </Button>
      }
    >
      <Panel>
        <Loaded query={plans} lines={5}>
          {(found) => <Plans plans={found} />}
        </Loaded>
      </Panel>
      <Subscriptions />
      {isAdding && (
        <Dialog title={text.plans.add} onClose={() => setIsAdding(false)}>
          <Form send={add} submitLabel={text.plans.continue} onCancel={() => setIsAdding(false)}>
            <Field
              label={text.plans.word}
              hint={text.plans.wordHint}
              name="plan"
              dir="ltr"
              pattern="[a-z0-9\-]{1,40}"
              maxLength={40}
              required
              autoFocus
            />
          </Form>
        </Dialog>
      )}
    </Room>
  );
}

function Plans({ plans }: { plans: readonly PlanDetailBody[] }) {
  return (
    <Table
      label={text.plans.title}
      keyOf={({ id }) => id}
      rows={plans}
      columns={[
        {
          title: text.plans.plan,
          cell: ({ id, name }) => (
            <span className="grid max-sm:text-end">
              <Link
                to="/admin/plans/$plan"
                params={{ plan: id }}
                className="font-semibold text-accent underline-offset-4 hover:underline"
              >
                {name}
              </Link>
              <code dir="ltr" className="w-fit text-xs text-muted max-sm:justify-self-end">
                {id}
              </code>
            </span>
          ),
        },
        {
          title: text.state,
          cell: ({ is_offered, is_default }) => (
            <span className="grid max-sm:justify-items-end max-sm:text-end">
              <Tally state={is_offered ? "offered" : "off"} tone={is_offered ? "good" : "quiet"}>
                {is_offered ? text.plans.offered : text.plans.notOffered}
              </Tally>
              {is_default && <span className="text-xs text-muted">{text.plans.default}</span>}
            </span>
          ),
        },
        { title: text.plans.maxSources, isNumber: true, cell: ({ max_sources }) => limit(max_sources) },
        { title: text.plans.maxDestinations, isNumber: true, cell: ({ max_destinations }) => limit(max_destinations) },
        { title: text.plans.maxHours, isNumber: true, cell: (plan) => limit(plan.max_streaming_hours_monthly) },
        { title: text.plans.price, isNumber: true, cell: (plan) => <Prices plan={plan} /> },
      ]}
    />
  );
}

const limit = (most: number | null | undefined) => (most == null ? common.unlimited : count(most));

function Prices({ plan: { prices } }: { plan: PlanDetailBody }) {
  if (prices === undefined || prices.every(({ amount_minor }) => amount_minor === 0)) return text.plans.free;
  return (
    <span className="grid">
      {prices.map(({ amount_minor, currency, billing_cycle }) => (
        <span key={`${currency} ${billing_cycle}`}>
          {text.plans.perCycle[billing_cycle]?.(money(amount_minor, currency)) ?? money(amount_minor, currency)}
        </span>
      ))}
    </span>
  );
}

const tones: Record<string, Tone> = { active: "good", past_due: "wait" };

function Subscriptions() {
  const [page, setPage] = useState(1);
  const subscriptions = useQuery(subscriptionsQuery(page));
  return (
    <Section title={text.plans.subscriptions} intro={text.plans.subscriptionsIntro} isBare>
      <Loaded query={subscriptions}>
        {({ subscriptions: rows, pagination }) =>
          rows.length === 0 ? (
            <Empty title={text.plans.noSubscriptions} hint={text.plans.noSubscriptionsHint} />
          ) : (
            <>
              <Panel>
                <SubscriptionsTable rows={rows} />
              </Panel>
              <Pager pagination={pagination} onTurn={setPage} />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

function SubscriptionsTable({ rows }: { rows: readonly ListedSubscriptionBody[] }) {
  return (
    <Table
      label={text.plans.subscriptions}
      keyOf={({ id }) => id}
      rows={rows}
      columns={[
        { title: text.organisation, cell: ({ organisation }) => <span className="font-semibold">{organisation.name}</span> },
        { title: text.plans.plan, cell: ({ plan_name }) => plan_name },
        {
          title: text.state,
          cell: ({ status }) => (
            <Tally state={status} tone={tones[status] ?? "quiet"}>
              {text.plans.statuses[status] ?? status}
            </Tally>
          ),
        },
        { title: text.plans.cycle, cell: ({ billing_cycle }) => text.plans.cycles[billing_cycle] ?? billing_cycle },
        { title: text.plans.began, cell: ({ started_at }) => <Moment at={started_at} /> },
        {
          title: text.plans.ends,
          cell: ({ ends_at }) => (ends_at == null ? text.plans.goesOn : <Moment at={ends_at} />),
        },
      ]}
    />
  );
}
