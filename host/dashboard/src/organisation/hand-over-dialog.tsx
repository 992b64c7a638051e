import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { organisationsQuery } from "../api/standing";
import { Dialog } from "../ui/dialog";
import { Select } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify } from "../ui/toast";
import type { MemberBody } from "../../generated/schema";
import { membersQuery } from "./queries";
import { text } from "./team/text";

interface Props {
  members: readonly MemberBody[];
  onClose: () => void;
}

/** Makes somebody else the owner. */
export function HandOverDialog({ members, onClose }: Props) {
  const client = useQueryClient();
  const send = async (fields: FormData) => {
    const { member } = await call("post", "/api/team/hand-over", { body: { user_id: textOf(fields, "user_id") } });
    await Promise.all([
      client.invalidateQueries({ queryKey: membersQuery.queryKey }),
      client.invalidateQueries({ queryKey: organisationsQuery.queryKey }),
    ]);
    notify(text.team.handedOver(member.display_name));
    onClose();
  };
  return (
    <Dialog title={text.team.handOverTitle} intro={text.team.handOverIntro} onClose={onClose}>
      <Form send={send} submitLabel={text.team.handOver} look="danger" onCancel={onClose}>
        <Select label={text.team.handOverTo} name="user_id" required defaultValue="">
          <option value="" disabled hidden />
          {members.map(({ user_id, display_name, email }) => (
            <option key={user_id} value={user_id}>
              {display_name} ({email})
            </option>
          ))}
        </Select>
      </Form>
    </Dialog>
  );
}
