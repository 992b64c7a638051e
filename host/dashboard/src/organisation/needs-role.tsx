import type { ReactNode } from "react";
import { useIsAtLeast, useOrganisation } from "../api/standing";
import { Empty } from "../ui/empty";
import { Loading } from "../ui/loading";
import { Page } from "../ui/page";
import type { RoleBody } from "../../generated/schema";
import { text } from "./text";

interface Props {
  role: RoleBody;
  /** The page's title, where the content is the whole page. */
  title?: string;
  children: ReactNode;
}

/** Content for those who have a role; others are told who can give it to them. */
export function NeedsRole({ role, title, children }: Props) {
  const isAllowed = useIsAtLeast(role);
  const isKnown = useOrganisation() !== undefined;
  if (isAllowed) return children;
  const instead = isKnown ? <Empty title={text.notAllowed} hint={text.notAllowedHint(text.roles[role])} /> : <Loading />;
  return title === undefined ? instead : <Page title={title}>{instead}</Page>;
}
