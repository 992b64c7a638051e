/** `/settings/security`: how one logs in. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { call } from "../api/client";
import { Field } from "../ui/field";
import { Form, secretOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import { notify } from "../ui/toast";
import type { ProfileBody } from "../../generated/schema";
import { SettingsPage } from "./frame";
import { ProofFields, proofOf } from "./proof";
import { profileQuery, signInsQuery } from "./queries";
import { SecondFactor } from "./second-factor";
import { text } from "./text";

// It stands at the end: what is above does not wait for it.
const Providers = lazy(() => import("./providers").then(({ Providers }) => ({ default: Providers })));

export function SecurityPage() {
  const profile = useQuery(profileQuery);
  return (
    <SettingsPage tab="security">
      <Loaded query={profile}>
        {(data) => (
          <>
            <Password profile={data} />
            <SecondFactor />
            <Suspense>
              <Providers />
            </Suspense>
          </>
        )}
      </Loaded>
    </SettingsPage>
  );
}

function Password({ profile }: { profile: ProfileBody }) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    await call("put", "/api/auth/password", { body: { password: secretOf(fields, "password"), ...proofOf(fields) } });
    await Promise.all([
      client.invalidateQueries({ queryKey: profileQuery.queryKey }),
      client.invalidateQueries({ queryKey: signInsQuery.queryKey }),
    ]);
    notify(text.security.changed);
  };
  return (
    <Section title={text.security.password} intro={profile.has_password ? text.security.passwordIntro : text.security.noPassword}>
      <div className="sm:max-w-md">
        <Form send={send} submitLabel={profile.has_password ? text.security.change : text.security.setPassword} isCleared>
          {({ password }) => (
            <>
              {/* Password managers keep the new password under it. */}
              <input hidden type="text" autoComplete="username" value={profile.user.email} readOnly />
              <ProofFields label={text.security.current} hint="" />
              <Field
                label={text.security.new}
                hint={text.security.newHint}
                name="password"
                type="password"
                autoComplete="new-password"
                minLength={10}
                error={password}
                required
              />
            </>
          )}
        </Form>
      </div>
    </Section>
  );
}
