import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { count } from "../format/format";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import { notify } from "../ui/toast";
import type { RetentionBody } from "../../generated/schema";
import { retentionQuery } from "./queries";
import { text } from "./text";

const MOST_DAYS = 3650;

/** What is kept, and the fewest days that it may be. */
const kept = [
  { name: "chat_days", label: text.data.chatDays, least: 1 },
  { name: "activity_days", label: text.data.activityDays, least: 1 },
  { name: "audit_days", label: text.data.auditDays, least: 90 },
  { name: "sessions_days", label: text.data.sessionsDays, least: 400 },
] as const;

/** How long the organisation keeps what. */
export function Retention({ organisation }: { organisation: string }) {
  const retention = useQuery(retentionQuery(organisation));
  return (
    <Section title={text.data.retention} intro={text.data.retentionIntro}>
      {/* As high as the form. */}
      <Loaded query={retention} lines={9}>{(days) => <RetentionForm organisation={organisation} days={days} />}</Loaded>
    </Section>
  );
}

function RetentionForm({ organisation, days }: { organisation: string; days: RetentionBody }) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    const body = Object.fromEntries(
      kept.map(({ name }) => {
        const typed = textOf(fields, name);
        return [name, typed === "" ? null : Number(typed)];
      }),
    ) as RetentionBody;
    const answer = await call("put", "/api/organisations/{id}/retention", { parameters: { id: organisation }, body });
    client.setQueryData(retentionQuery(organisation).queryKey, answer);
    notify(text.saved);
  };
  return (
    <Form send={send} submitLabel={text.save}>
      {(problems) => (
        <div className="grid gap-5 sm:grid-cols-2">
          {kept.map(({ name, label, least }) => (
            <Field
              key={name}
              label={label}
              name={name}
              type="number"
              inputMode="numeric"
              min={least}
              max={MOST_DAYS}
              defaultValue={days[name] ?? ""}
              hint={least > 1 ? text.data.least(count(least)) : undefined}
              error={problems[name]}
            />
          ))}
        </div>
      )}
    </Form>
  );
}
