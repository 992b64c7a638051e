import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { organisationsQuery, useOrganisation } from "../api/standing";
import { useUser } from "../api/session";
import { date } from "../format/format";
import { Button } from "../ui/button";
import { Loaded } from "../ui/loading";
import { MoreButton } from "../ui/more";
import { Section } from "../ui/page";
import { Table } from "../ui/table";
import { notify, notifyError, removeWithUndo, useLeaving } from "../ui/toast";
import type { MemberBody, RoleBody } from "../../generated/schema";
import { LeaveButton } from "./leave";
import { membersQuery, rowsOf } from "./queries";
import { assignable } from "./roles";
import { text as shared } from "./text";
import { text } from "./team/text";

/** Everybody who belongs to the organisation. */
export function Members() {
  const members = useInfiniteQuery(membersQuery);
  const leaving = useLeaving();
  const user = useUser();
  return (
    <Section title={text.team.members}>
      <Loaded query={members}>
        {(data) => (
          <div className="grid gap-4">
            <Table
              label={text.team.members}
              keyOf={({ user_id }) => user_id}
              rows={rowsOf(data, (page) => page.members).filter(({ user_id }) => !leaving.has(user_id))}
              columns={[
                { title: text.team.person, cell: (member) => <Person member={member} isOneself={member.user_id === user?.id} /> },
                { title: text.team.role, cell: (member) => <MemberRole member={member} /> },
                { title: text.team.since, cell: ({ joined_at }) => date(joined_at) },
                {
                  title: shared.actions,
                  isTitleHidden: true,
                  isNumber: true,
                  cell: (member) => (member.user_id === user?.id ? <LeaveButton look="plain" /> : <RemoveButton member={member} />),
                },
              ]}
            />
            <MoreButton query={members} />
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function Person({ member, isOneself }: { member: MemberBody; isOneself: boolean }) {
  return (
    <span className="grid min-w-0 max-sm:text-end">
      <span className="font-semibold wrap-anywhere">
        {member.display_name}
        {isOneself && <span className="ms-2 text-xs font-normal text-muted">({text.you})</span>}
      </span>
      <span dir="auto" className="text-muted wrap-anywhere">
        {member.email}
      </span>
    </span>
  );
}

/** The role; a choice for those who may give another one. */
function MemberRole({ member }: { member: MemberBody }) {
  const client = useQueryClient();
  const own = useOrganisation()?.role;
  const change = useMutation({
    mutationFn: (role: RoleBody) =>
      call("patch", "/api/team/{userId}", { parameters: { userId: member.user_id }, body: { role } }),
    onSuccess: ({ member: { display_name, role } }) => notify(text.team.roleChanged(display_name, shared.roles[role])),
    onError: notifyError,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: membersQuery.queryKey }),
        client.invalidateQueries({ queryKey: organisationsQuery.queryKey }),
      ]),
  });
  const choices = own == null ? [] : assignable(own);
  if (!choices.includes(member.role)) return shared.roles[member.role];
  return (
    <select
      aria-label={text.team.roleOf(member.display_name)}
      value={change.isPending ? change.variables : member.role}
      disabled={change.isPending}
      onChange={(event) => change.mutate(event.target.value as RoleBody)}
      className="min-h-11 rounded-md border border-edge bg-surface px-2 text-sm sm:min-h-9"
    >
      {choices.map((role) => (
        <option key={role} value={role}>
          {shared.roles[role]}
        </option>
      ))}
    </select>
  );
}

function RemoveButton({ member }: { member: MemberBody }) {
  const client = useQueryClient();
  const own = useOrganisation()?.role;
  if (own == null || !assignable(own).includes(member.role)) return null;
  const remove = () =>
    removeWithUndo(member.user_id, {
      message: text.team.removed(member.display_name),
      commit: async ({ keepalive }) => {
        await call("delete", "/api/team/{userId}", { parameters: { userId: member.user_id }, keepalive });
        await client.invalidateQueries({ queryKey: membersQuery.queryKey });
      },
    });
  return (
    <Button look="plain" onClick={remove} aria-label={text.team.removeOf(member.display_name)}>
      {text.team.remove}
    </Button>
  );
}
