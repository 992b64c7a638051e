import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { useOrganisation } from "../api/standing";
import { Dialog } from "../ui/dialog";
import { Choice, Field } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify } from "../ui/toast";
import type { RoleBody } from "../../generated/schema";
import { invitationsQuery } from "./queries";
import { assignable } from "./roles";
import { text as shared } from "./text";
import { text } from "./team/text";

/** Asks somebody into the team. */
export function Invite({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const own = useOrganisation()?.role ?? "viewer";
  const [role, setRole] = useState<RoleBody>("editor");
  const send = async (fields: FormData) => {
    const email = textOf(fields, "email");
    await call("post", "/api/team/invitations", { body: { email, role } });
    await client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
    notify(text.team.sent(email));
    onClose();
  };
  return (
    <Dialog title={text.team.invite} intro={text.team.inviteIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.team.send} onCancel={onClose}>
        {({ email }) => (
          <>
            <Field label={text.team.email} name="email" type="email" error={email} hint={text.team.inviteHint} required autoFocus />
            <Choice
              label={text.team.role}
              name="role"
              value={role}
              onChange={(value) => setRole(value as RoleBody)}
              options={assignable(own).map((value) => ({ value, label: shared.roles[value], hint: text.roleHints[value] }))}
            />
          </>
        )}
      </Form>
    </Dialog>
  );
}
