/** `/settings`: who one is. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { call } from "../api/client";
import { changeUser } from "../api/session";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import { Tally } from "../ui/tally";
import { notify } from "../ui/toast";
import type { ProfileBody } from "../../generated/schema";
import { SettingsPage } from "./frame";
import { profileQuery } from "./queries";
import { text } from "./text";

const ChangeEmail = lazy(() => import("./email").then(({ ChangeEmail }) => ({ default: ChangeEmail })));
const VerifyEmail = lazy(() => import("./email").then(({ VerifyEmail }) => ({ default: VerifyEmail })));

export function ProfilePage() {
  const profile = useQuery(profileQuery);
  return (
    <SettingsPage tab="profile">
      <Loaded query={profile}>
        {(data) => (
          <>
            <Name profile={data} />
            <Email profile={data} />
          </>
        )}
      </Loaded>
    </SettingsPage>
  );
}

function Name({ profile: { user } }: { profile: ProfileBody }) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    const profile = await call("put", "/api/auth/profile", { body: { display_name: textOf(fields, "display_name") } });
    client.setQueryData(profileQuery.queryKey, profile);
    changeUser(profile.user);
    notify(text.saved);
  };
  return (
    <Section title={text.tabs.profile}>
      <div className="sm:max-w-md">
        <Form send={send} submitLabel={text.save}>
          {({ display_name }) => (
            <Field
              label={text.profile.name}
              hint={text.profile.nameHint}
              name="display_name"
              autoComplete="name"
              defaultValue={user.display_name}
              maxLength={100}
              error={display_name}
              required
            />
          )}
        </Form>
      </div>
    </Section>
  );
}

function Email({ profile: { user } }: { profile: ProfileBody }) {
  const [open, setOpen] = useState<"change" | "verify">();
  const close = () => setOpen(undefined);
  return (
    <Section title={text.profile.email}>
      <div className="flex flex-wrap items-center justify-between gap-4">
        <div className="grid min-w-0 gap-1">
          <p className="font-semibold wrap-anywhere">{user.email}</p>
          <Tally state="email" tone={user.email_verified ? "good" : "wait"}>
            {user.email_verified ? text.profile.verified : text.profile.unverified}
          </Tally>
        </div>
        <div className="flex flex-wrap gap-2">
          {!user.email_verified && <Button onClick={() => setOpen("verify")}>{text.profile.verify}</Button>}
          <Button onClick={() => setOpen("change")}>{text.profile.change}</Button>
        </div>
      </div>
      {open !== undefined && (
        <Suspense>
          {open === "change" ? <ChangeEmail onClose={close} /> : <VerifyEmail email={user.email} onClose={close} />}
        </Suspense>
      )}
    </Section>
  );
}
