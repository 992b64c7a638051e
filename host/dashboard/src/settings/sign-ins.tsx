/** `/settings/sessions`: where one is logged in. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { dateAndTime } from "../format/format";
import { plural } from "../text/plural";
import { Button } from "../ui/button";
import { ConfirmButton } from "../ui/confirm";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import { Table } from "../ui/table";
import { notify, removeWithUndo, useLeaving } from "../ui/toast";
import type { SignInInfoBody } from "../../generated/schema";
import { deviceOf } from "./device";
import { SettingsPage } from "./frame";
import { signInsQuery } from "./queries";
import { text } from "./text";

export function SignInsPage() {
  const signIns = useQuery(signInsQuery);
  const leaving = useLeaving();
  return (
    <SettingsPage tab="signIns">
      <Section
        title={text.tabs.signIns}
        intro={text.signIns.intro}
        actions={signIns.data !== undefined && signIns.data.length > 1 && <EndOthers />}
      >
        <Loaded query={signIns}>
          {(rows) => (
            <Table
              label={text.tabs.signIns}
              keyOf={({ id }) => id}
              rows={rows.filter(({ id }) => !leaving.has(id))}
              columns={[
                { title: text.signIns.device, cell: (signIn) => <Device signIn={signIn} /> },
                { title: text.signIns.address, cell: ({ address }) => <bdi className="wrap-anywhere">{address ?? "–"}</bdi> },
                { title: text.signIns.method, cell: ({ method }) => text.signIns.methods[method] ?? method },
                { title: text.signIns.began, cell: ({ created_at }) => dateAndTime(created_at) },
                { title: text.signIns.seen, cell: ({ last_seen_at }) => <Moment at={last_seen_at} /> },
                { title: text.actions, isTitleHidden: true, isNumber: true, cell: (signIn) => !signIn.is_current && <EndButton signIn={signIn} /> },
              ]}
            />
          )}
        </Loaded>
      </Section>
    </SettingsPage>
  );
}

/** Browser and system in words; what it calls itself stands in the title. */
function nameOf({ device }: SignInInfoBody): string {
  const { browser, system } = deviceOf(device);
  if (browser !== undefined && system !== undefined) return text.signIns.on(browser, system);
  return browser ?? (device === "" ? text.signIns.unknown : device);
}

function Device({ signIn }: { signIn: SignInInfoBody }) {
  return (
    <span className="grid min-w-0 max-sm:text-end">
      <span title={signIn.device} className="font-semibold wrap-anywhere">
        {nameOf(signIn)}
      </span>
      {signIn.is_current && <span className="text-xs font-semibold text-accent">{text.signIns.this}</span>}
      {signIn.is_impersonation && <span className="text-xs text-warn">{text.signIns.impersonation}</span>}
    </span>
  );
}

function EndButton({ signIn }: { signIn: SignInInfoBody }) {
  const client = useQueryClient();
  const name = nameOf(signIn);
  const end = () =>
    removeWithUndo(signIn.id, {
      message: text.signIns.ended(name),
      commit: async ({ keepalive }) => {
        await call("delete", "/api/auth/sign-ins/{id}", { parameters: { id: signIn.id }, keepalive });
        await client.invalidateQueries({ queryKey: signInsQuery.queryKey });
      },
    });
  return (
    <Button look="plain" onClick={end} aria-label={text.signIns.endOf(name)}>
      {text.signIns.end}
    </Button>
  );
}

function EndOthers() {
  const client = useQueryClient();
  const end = async () => {
    const { ended } = await call("delete", "/api/auth/sign-ins");
    await client.invalidateQueries({ queryKey: signInsQuery.queryKey });
    notify(plural(text.signIns.endedOthers, ended));
  };
  return <ConfirmButton label={text.signIns.endOthers} consequence={text.signIns.endOthersConfirm} action={end} />;
}
