import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { useIsAtLeast } from "../api/standing";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { MoreButton } from "../ui/more";
import { Section } from "../ui/page";
import { Table } from "../ui/table";
import { Tally } from "../ui/tally";
import { notify, notifyError, removeWithUndo, useLeaving } from "../ui/toast";
import type { TeamInvitationBody } from "../../generated/schema";
import { invitationsQuery, rowsOf } from "./queries";
import { text as shared } from "./text";
import { text } from "./team/text";

/** Links that were sent and not followed yet. */
export function Invitations({ onInvite }: { onInvite: () => void }) {
  const invitations = useInfiniteQuery(invitationsQuery);
  const leaving = useLeaving();
  const mayInvite = useIsAtLeast("admin");
  return (
    <Section title={text.team.invitations} intro={text.team.invitationsIntro} isBare={invitations.data?.pages[0]?.invitations.length === 0}>
      <Loaded query={invitations}>
        {(data) => {
          const rows = rowsOf(data, (page) => page.invitations).filter(({ id }) => !leaving.has(id));
          if (rows.length === 0) {
            return (
              <Empty title={text.team.noInvitations} hint={text.team.noInvitationsHint}>
                {mayInvite && <Button onClick={onInvite}>{text.team.invite}</Button>}
              </Empty>
            );
          }
          return (
            <div className="grid gap-4">
              <Table
                label={text.team.invitations}
                keyOf={({ id }) => id}
                rows={rows}
                columns={[
                  { title: text.team.address, cell: ({ email }) => <span className="font-semibold wrap-anywhere">{email}</span> },
                  { title: text.team.role, cell: ({ role }) => shared.roles[role] },
                  { title: text.team.lastSent, cell: ({ sent_at }) => <Moment at={sent_at} /> },
                  { title: text.team.ends, cell: ({ expires_at }) => <End at={expires_at} /> },
                  ...(mayInvite
                    ? [{ title: shared.actions, isTitleHidden: true, cell: (one: TeamInvitationBody) => <InvitationActions invitation={one} /> }]
                    : []),
                ]}
              />
              <MoreButton query={invitations} />
            </div>
          );
        }}
      </Loaded>
    </Section>
  );
}

function End({ at }: { at: string }) {
  if (Date.parse(at) > Date.now()) return <Moment at={at} />;
  return (
    <Tally state="ended" tone="wait">
      {text.team.ended}
    </Tally>
  );
}

function InvitationActions({ invitation: { id, email } }: { invitation: TeamInvitationBody }) {
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
  const resend = useMutation({
    mutationFn: () => call("post", "/api/team/invitations/{id}/resend", { parameters: { id } }),
    onSuccess: () => notify(text.team.sent(email)),
    onError: notifyError,
    onSettled: again,
  });
  const revoke = () =>
    removeWithUndo(id, {
      message: text.team.revoked(email),
      commit: async ({ keepalive }) => {
        await call("delete", "/api/team/invitations/{id}", { parameters: { id }, keepalive });
        await again();
      },
    });
  return (
    <span className="flex flex-wrap gap-x-2 sm:justify-end">
      <Button look="plain" isBusy={resend.isPending} onClick={() => resend.mutate()} aria-label={text.team.resendOf(email)}>
        {text.team.resend}
      </Button>
      <Button look="plain" onClick={revoke} aria-label={text.team.revokeOf(email)}>
        {text.team.revoke}
      </Button>
    </span>
  );
}
