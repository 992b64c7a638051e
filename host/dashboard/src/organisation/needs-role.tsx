import type { ReactNode } from "react";
import { useIsAtLeast, useOrganisation } from "../api/standing";
import { Empty } from "../ui/empty";
import { Loading } from "../ui/loading";
import type { RoleBody } from "../../generated/schema";
import { text } from "./text";

/** Content for those who have a role; others are told who can give it to them. */
export function NeedsRole({ role, children }: { role: RoleBody; children: ReactNode }) {
  const isAllowed = useIsAtLeast(role);
  const isKnown = useOrganisation() !== undefined;
  if (isAllowed) return children;
  return isKnown ? <Empty title={text.notAllowed} hint={text.notAllowedHint(text.roles[role])} /> : <Loading />;
}
