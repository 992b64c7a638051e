/** `/settings/organisation`: the organisation that is acted for, and others. */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { call } from "../api/client";
import { actFor } from "../api/scope";
import { organisationsQuery, useIsAtLeast, useOrganisation } from "../api/standing";
import { date } from "../format/format";
import { LeaveButton } from "../organisation/leave";
import { CopyField } from "../ui/copy-field";
import { Field } from "../ui/field";
import { Figure, Figures } from "../ui/figure";
import { Form, textOf } from "../ui/form";
import { Loading } from "../ui/loading";
import { Section } from "../ui/page";
import { notify } from "../ui/toast";
import type { OwnOrganisationBody } from "../../generated/schema";
import { SettingsPage } from "./frame";
import { text } from "./text";

export function OrganisationPage() {
  const organisation = useOrganisation();
  if (organisation === undefined) {
    return (
      <SettingsPage tab="organisation">
        <Loading />
      </SettingsPage>
    );
  }
  return (
    <SettingsPage tab="organisation">
      <Present key={organisation.id} organisation={organisation} />
      <Make />
      <Section title={text.organisation.leave} intro={text.organisation.leaveIntro}>
        <LeaveButton />
      </Section>
    </SettingsPage>
  );
}

function Present({ organisation }: { organisation: OwnOrganisationBody }) {
  const client = useQueryClient();
  const mayRename = useIsAtLeast("admin");
  const send = async (fields: FormData) => {
    const body = { name: textOf(fields, "name") };
    await call("patch", "/api/organisations/{id}", { parameters: { id: organisation.id }, body });
    await client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
    notify(text.saved);
  };
  return (
    <Section title={organisation.name}>
      <div className="grid gap-6">
        <Figures>
          {organisation.role != null && (
            <Figure label={text.organisation.role} value={text.organisation.roles[organisation.role]} />
          )}
          <Figure label={text.organisation.since} value={date(organisation.joined_at)} />
        </Figures>
        {mayRename && (
          <div className="sm:max-w-md">
            <Form send={send} submitLabel={text.save}>
              {({ name }) => (
                <Field label={text.organisation.name} name="name" defaultValue={organisation.name} maxLength={100} error={name} required />
              )}
            </Form>
          </div>
        )}
        <CopyField label={text.organisation.id} value={organisation.id} />
      </div>
    </Section>
  );
}

function Make() {
  const client = useQueryClient();
  const router = useRouter();
  const send = async (fields: FormData) => {
    const { organisation } = await call("post", "/api/organisations", { body: { name: textOf(fields, "name") } });
    actFor({ organisation: organisation.id });
    await router.navigate({ to: "/" });
    void client.resetQueries();
    notify(text.organisation.madeDone(organisation.name));
  };
  return (
    <Section title={text.organisation.made} intro={text.organisation.makeIntro}>
      <div className="sm:max-w-md">
        <Form send={send} submitLabel={text.organisation.make} look="quiet">
          {({ name }) => <Field label={text.organisation.newName} name="name" maxLength={100} error={name} autoComplete="off" required />}
        </Form>
      </div>
    </Section>
  );
}
