/** `/team`: who belongs to the organisation, and who is asked to. */

import { lazy, Suspense, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import { Button } from "../ui/button";
import { Page } from "../ui/page";
import { HandOver } from "./hand-over";
import { Members } from "./members";
import { text } from "./team/text";

// They stand further down: the members do not wait for them.
const Invitations = lazy(() => import("./invitations").then(({ Invitations }) => ({ default: Invitations })));
const RolesTable = lazy(() => import("./roles-table").then(({ RolesTable }) => ({ default: RolesTable })));
const Invite = lazy(() => import("./invite").then(({ Invite }) => ({ default: Invite })));

export function TeamPage() {
  const [isInviting, setIsInviting] = useState(false);
  const mayInvite = useIsAtLeast("admin");
  const invite = () => setIsInviting(true);
  return (
    <Page
      title={text.team.title}
      intro={text.team.intro}
      actions={
        mayInvite && (
          <Button look="primary" onClick={invite}>
            {text.team.invite}
          </Button>
        )
      }
    >
      <Members />
      <Suspense>
        <Invitations onInvite={invite} />
        <HandOver />
        <RolesTable />
      </Suspense>
      {isInviting && (
        <Suspense>
          <Invite onClose={() => setIsInviting(false)} />
        </Suspense>
      )}
    </Page>
  );
}
