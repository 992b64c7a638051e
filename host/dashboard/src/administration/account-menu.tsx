import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { useUser } from "../api/session";
import { Button } from "../ui/button";
import { useCopy } from "../ui/copy-field";
import { Icon } from "../ui/icon";
import { Menu, MenuItem, MenuLine } from "../ui/menu";
import { notify, notifyError } from "../ui/toast";
import type { AccountBody } from "../../generated/schema";
import { ActAsDialog, PlanDialog, SuspendDialog } from "./account-dialogs";
import { text } from "./text";

type Asking = "act" | "plan" | "suspend";

/** What can be done about somebody who has an account. */
export function AccountMenu({ account }: { account: AccountBody }) {
  const [asking, setAsking] = useState<Asking>();
  const isOneself = useUser()?.id === account.id;
  const isSuspended = account.suspended_at != null;
  const activate = useActivate(account);
  const { copy } = useCopy();
  const close = () => setAsking(undefined);
  return (
    <>
      <Menu
        trigger={
          <Button aria-label={text.tenants.actionsFor(account.display_name)} className="px-2.5!">
            <Icon name="more" />
          </Button>
        }
      >
        {!isOneself && !isSuspended && account.role !== "admin" && (
          <MenuItem onClick={() => setAsking("act")}>{text.tenants.actAs}</MenuItem>
        )}
        <MenuItem onClick={() => setAsking("plan")}>{text.tenants.setPlan}</MenuItem>
        <MenuItem
          onClick={() => {
            copy(account.organisation.id);
            notify(text.tenants.copied);
          }}
        >
          {text.tenants.copyOrganisation}
        </MenuItem>
        {!isOneself && <MenuLine />}
        {!isOneself && !isSuspended && (
          <MenuItem isDangerous onClick={() => setAsking("suspend")}>
            {text.tenants.suspend}
          </MenuItem>
        )}
        {isSuspended && <MenuItem onClick={() => activate.mutate()}>{text.tenants.activate}</MenuItem>}
      </Menu>
      {asking === "act" && <ActAsDialog account={account} onClose={close} />}
      {asking === "plan" && <PlanDialog account={account} onClose={close} />}
      {asking === "suspend" && <SuspendDialog account={account} onClose={close} />}
    </>
  );
}

function useActivate({ id, display_name }: AccountBody) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call("post", "/api/admin/users/{id}/activate", { parameters: { id } }),
    onSuccess: () => notify(text.tenants.activated(display_name)),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: ["admin", "users"] }),
  });
}
