import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { call } from "../api/client";
import { actFor } from "../api/scope";
import { useOrganisation } from "../api/standing";
import { ConfirmButton } from "../ui/confirm";
import { notify } from "../ui/toast";
import { text } from "./text";

/** The way out of the organisation that this tab acts for. */
export function LeaveButton({ look = "danger" }: { look?: "danger" | "plain" }) {
  const client = useQueryClient();
  const router = useRouter();
  const organisation = useOrganisation();
  if (organisation === undefined) return null;
  const leave = async () => {
    await call("post", "/api/organisations/{id}/leave", { parameters: { id: organisation.id } });
    actFor({});
    await router.navigate({ to: "/" });
    void client.resetQueries();
    notify(text.left(organisation.name));
  };
  return (
    <ConfirmButton
      look={look}
      label={text.leave}
      describedAs={text.leaveOf(organisation.name)}
      consequence={text.leaveConfirm(organisation.name)}
      action={leave}
    />
  );
}
