import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import { useUser } from "../api/session";
import { Button } from "../ui/button";
import { Section } from "../ui/page";
import { membersQuery, rowsOf } from "./queries";
import { text } from "./team/text";

const HandOverDialog = lazy(() => import("./hand-over-dialog").then(({ HandOverDialog }) => ({ default: HandOverDialog })));

/** For the owner, where there is somebody to hand over to. */
export function HandOver() {
  const [isAsking, setIsAsking] = useState(false);
  const isOwner = useIsAtLeast("owner");
  const user = useUser();
  const { data } = useInfiniteQuery(membersQuery);
  const others = data === undefined ? [] : rowsOf(data, (page) => page.members).filter(({ user_id }) => user_id !== user?.id);
  if (!isOwner || others.length === 0) return null;
  return (
    <Section title={text.team.handOverTitle} intro={text.team.handOverIntro} isBare>
      <Button className="justify-self-start" onClick={() => setIsAsking(true)}>
        {text.team.handOver}
      </Button>
      {isAsking && (
        <Suspense>
          <HandOverDialog members={others} onClose={() => setIsAsking(false)} />
        </Suspense>
      )}
    </Section>
  );
}
