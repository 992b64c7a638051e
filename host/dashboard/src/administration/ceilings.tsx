import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import { notify } from "../ui/toast";
import type { CeilingsBody } from "../../generated/schema";
import { ceilingsQuery } from "./queries";
import { text } from "./text";

const NAMES = ["cpu_percent", "wall_percent", "memory_percent", "calls", "installations"] as const;
type Name = (typeof NAMES)[number];

/** What the API takes. */
const bounds: Record<Name, { label: string; min: number; max: number }> = {
  cpu_percent: { label: text.plans.cpu, min: 10, max: 400 },
  wall_percent: { label: text.plans.wall, min: 10, max: 400 },
  memory_percent: { label: text.plans.memory, min: 10, max: 400 },
  calls: { label: text.plans.calls, min: 1, max: 64 },
  installations: { label: text.plans.installations, min: 1, max: 1000 },
};

/** How much plugins of organisations on a plan may take. */
export function Ceilings({ plan }: { plan: string }) {
  const ceilings = useQuery(ceilingsQuery(plan));
  return (
    <Section title={text.plans.ceilings} intro={text.plans.ceilingsIntro}>
      <Loaded query={ceilings}>{(found) => <CeilingsForm plan={plan} ceilings={found} />}</Loaded>
    </Section>
  );
}

function CeilingsForm({ plan, ceilings }: { plan: string; ceilings: CeilingsBody }) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    const of = (name: Name) => Number(textOf(fields, name));
    const body: CeilingsBody = {
      cpu_percent: of("cpu_percent"),
      wall_percent: of("wall_percent"),
      memory_percent: of("memory_percent"),
      calls: of("calls"),
      installations: of("installations"),
    };
    await call("put", "/api/admin/plans/{plan}/ceilings", { parameters: { plan }, body });
    notify(text.plans.ceilingsSaved);
    await client.invalidateQueries({ queryKey: ceilingsQuery(plan).queryKey });
  };
  return (
    <Form send={send} submitLabel={text.plans.saveCeilings} look="quiet">
      {(problems) => (
        <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
          {NAMES.map((name) => (
            <Field
              key={name}
              name={name}
              type="number"
              required
              defaultValue={ceilings[name]}
              error={problems[name]}
              {...bounds[name]}
            />
          ))}
        </div>
      )}
    </Form>
  );
}
