import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { actAs } from "../api/session";
import { call } from "../api/client";
import { Dialog } from "../ui/dialog";
import { Select, TextArea } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { notify } from "../ui/toast";
import type { AccountBody, PlanDetailBody } from "../../generated/schema";
import { plansQuery } from "./queries";
import { text } from "./text";

interface Props {
  account: AccountBody;
  onClose: () => void;
}

/** Asks why, and acts in somebody's place from then on. */
export function ActAsDialog({ account, onClose }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const send = async (fields: FormData) => {
    const body = { reason: textOf(fields, "reason") };
    const begun = await call("post", "/api/admin/users/{id}/impersonate", { parameters: { id: account.id }, body });
    await actAs(begun, async () => {
      await navigate({ to: "/" });
      client.clear();
    });
  };
  return (
    <Dialog title={text.tenants.actAsTitle(account.display_name)} intro={text.tenants.actAsIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.tenants.actAsSubmit} onCancel={onClose}>
        {({ reason }) => <Reason hint={text.tenants.actAsReasonHint} error={reason} />}
      </Form>
    </Dialog>
  );
}

/** Asks why, and keeps somebody out. */
export function SuspendDialog({ account, onClose }: Props) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    const body = { reason: textOf(fields, "reason") };
    await call("post", "/api/admin/users/{id}/suspend", { parameters: { id: account.id }, body });
    notify(text.tenants.suspended(account.display_name));
    onClose();
    await client.invalidateQueries({ queryKey: ["admin"] });
  };
  return (
    <Dialog title={text.tenants.suspendTitle(account.display_name)} intro={text.tenants.suspendIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.tenants.suspendSubmit} look="danger" onCancel={onClose}>
        {({ reason }) => <Reason hint={text.tenants.suspendReasonHint} error={reason} />}
      </Form>
    </Dialog>
  );
}

function Reason({ hint, error }: { hint: string; error: string | undefined }) {
  return <TextArea label={text.reason} hint={hint} name="reason" maxLength={2000} required autoFocus error={error} />;
}

/** Puts the home organisation of somebody on a plan. */
export function PlanDialog({ account, onClose }: Props) {
  const plans = useQuery(plansQuery);
  return (
    <Dialog title={text.tenants.setPlanTitle(account.organisation.name)} intro={text.tenants.setPlanIntro} onClose={onClose}>
      <Loaded query={plans}>
        {(found) => <PlanForm account={account} plans={found.filter(({ audience }) => audience === "creator")} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

function PlanForm({ account, plans, onClose }: Props & { plans: readonly PlanDetailBody[] }) {
  const client = useQueryClient();
  const { organisation, subscription } = account;
  const send = async (fields: FormData) => {
    const body = { plan: textOf(fields, "plan"), billing_cycle: textOf(fields, "billing_cycle") };
    await call("put", "/api/admin/tenants/{id}/plan", { parameters: { id: organisation.id }, body });
    const chosen = plans.find(({ id }) => id === body.plan);
    notify(text.tenants.planSet(organisation.name, chosen?.name ?? body.plan));
    onClose();
    await client.invalidateQueries({ queryKey: ["admin"] });
  };
  return (
    <Form send={send} submitLabel={text.tenants.setPlanSubmit} onCancel={onClose}>
      {(problems) => (
        <>
          <Select
            label={text.tenants.plan}
            name="plan"
            error={problems["plan"]}
            defaultValue={plans.find(({ name }) => name === subscription.plan_name)?.id}
          >
            {plans.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
          <Select label={text.tenants.cycle} name="billing_cycle" error={problems["billing_cycle"]}>
            {Object.entries(text.tenants.cycles).map(([cycle, name]) => (
              <option key={cycle} value={cycle}>
                {name}
              </option>
            ))}
          </Select>
        </>
      )}
    </Form>
  );
}
