import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { call } from "../api/client";
import { Checkbox, Field, Select, TextArea } from "../ui/field";
import { Form } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Page, Section, UpLink } from "../ui/page";
import { notify } from "../ui/toast";
import type { PlanDetailBody } from "../../generated/schema";
import { Ceilings } from "./ceilings";
import { emptyPlan, termsOf } from "./plan-terms";
import { PriceRows } from "./prices";
import { plansQuery } from "./queries";
import { text } from "./text";

const route = getRouteApi("/_app/admin/plans/$plan");

const MAX_LIMIT = 1_000_000;

/** One plan: what it is, and how much plugins may take. A plan that does not exist yet is made by saving it. */
export function PlanPage() {
  const { plan: word } = route.useParams();
  const plans = useQuery(plansQuery);
  const plan = plans.data?.find(({ id }) => id === word);
  const isNew = plans.data !== undefined && plan === undefined;
  return (
    <Page
      title={plan?.name ?? word}
      up={<UpLink to="/admin/plans">{text.plans.all}</UpLink>}
      {...(isNew && { intro: text.plans.isNew })}
    >
      <Loaded query={plans} lines={6}>
        {() => (
          <>
            <Section title={text.plans.terms}>
              <Terms key={word} word={word} plan={plan ?? emptyPlan(word)} />
            </Section>
            {plan !== undefined && <Ceilings plan={word} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Terms({ word, plan }: { word: string; plan: PlanDetailBody }) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    const saved = await call("put", "/api/admin/plans/{plan}", { parameters: { plan: word }, body: termsOf(fields) });
    notify(text.plans.saved(saved.plan.name));
    await client.invalidateQueries({ queryKey: ["admin", "plans"] });
  };
  return (
    <Form send={send} submitLabel={text.plans.save}>
      {(problems) => (
        <>
          <div className="grid gap-5 sm:grid-cols-2">
            <Field
              label={text.plans.name}
              name="name"
              defaultValue={plan.name}
              maxLength={100}
              required
              error={problems["name"]}
            />
            <Select label={text.plans.audience} name="audience" defaultValue={plan.audience} error={problems["audience"]}>
              {Object.entries(text.plans.audiences).map(([audience, name]) => (
                <option key={audience} value={audience}>
                  {name}
                </option>
              ))}
            </Select>
          </div>
          <TextArea
            label={text.plans.description}
            name="description"
            defaultValue={plan.description}
            maxLength={2000}
            error={problems["description"]}
          />
          <fieldset className="grid gap-3">
            <legend className="mb-1 font-semibold">{text.plans.limits}</legend>
            <p className="text-sm text-muted">{text.plans.limitsHint}</p>
            <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-4">
              <Limit label={text.plans.maxSources} name="max_sources" value={plan.max_sources} problems={problems} />
              <Limit label={text.plans.maxDestinations} name="max_destinations" value={plan.max_destinations} problems={problems} />
              <Limit
                label={text.plans.maxHours}
                name="max_streaming_hours_monthly"
                value={plan.max_streaming_hours_monthly}
                problems={problems}
              />
              <Limit label={text.plans.maxChats} name="max_chat_connectors" value={plan.max_chat_connectors} problems={problems} />
            </div>
          </fieldset>
          <PriceRows prices={plan.prices ?? []} />
          <TextArea
            label={text.plans.features}
            hint={text.plans.featuresHint}
            name="features"
            defaultValue={(plan.features ?? []).join("\n")}
            error={problems["features"]}
          />
          <div className="grid gap-5 sm:grid-cols-2">
            <Checkbox
              label={text.plans.isOffered}
              hint={text.plans.isOfferedHint}
              name="is_offered"
              defaultChecked={plan.is_offered ?? false}
            />
            <Field
              label={text.plans.position}
              name="position"
              type="number"
              min={0}
              max={MAX_LIMIT}
              required
              defaultValue={plan.position ?? 0}
              error={problems["position"]}
            />
          </div>
        </>
      )}
    </Form>
  );
}

interface LimitProps {
  label: string;
  name: string;
  value: number | null | undefined;
  problems: Record<string, string>;
}

function Limit({ label, name, value, problems }: LimitProps) {
  return (
    <Field label={label} name={name} type="number" min={0} max={MAX_LIMIT} defaultValue={value ?? ""} error={problems[name]} />
  );
}
