import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ago, date } from "../format/format";
import { Button } from "../ui/button";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import { notify, notifyError } from "../ui/toast";
import type { DeletionBody } from "../../generated/schema";
import { deletionQuery, keep, type Subject } from "./queries";
import { text } from "./text";

const DeletionDialog = lazy(() => import("./deletion-dialog").then(({ DeletionDialog }) => ({ default: DeletionDialog })));

interface Props {
  subject: Subject;
  title: string;
  intro: string;
  /** Whether the person may ask for it, and take it back. */
  isAllowed: boolean;
}

/** An end that waits for its day, and asking for it. */
export function DeletionSection({ subject, title, intro, isAllowed }: Props) {
  const [isAsking, setIsAsking] = useState(false);
  const deletion = useQuery(deletionQuery(subject));
  // Whoever may not ask for it learns that it is coming all the same.
  if (!isAllowed && deletion.data == null) return null;
  return (
    <Section title={title} intro={intro}>
      <Loaded query={deletion} lines={1}>
        {(waiting) =>
          waiting === null ? (
            <Button look="danger" onClick={() => setIsAsking(true)} aria-label={title}>
              {text.data.delete}
            </Button>
          ) : (
            <Waiting deletion={waiting} subject={subject} isAllowed={isAllowed} />
          )
        }
      </Loaded>
      {isAsking && (
        <Suspense>
          <DeletionDialog subject={subject} title={title} intro={intro} onClose={() => setIsAsking(false)} />
        </Suspense>
      )}
    </Section>
  );
}

function Waiting({ deletion, subject, isAllowed }: { deletion: DeletionBody; subject: Subject; isAllowed: boolean }) {
  const client = useQueryClient();
  const keeping = useMutation({
    mutationFn: () => keep(subject),
    onSuccess: () => notify(text.data.kept),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: deletionQuery(subject).queryKey }),
  });
  return (
    <div role="status" className="flex flex-wrap items-center justify-between gap-4 border-s-4 border-s-warn ps-4">
      <div className="grid gap-0.5">
        <p className="font-semibold text-warn">{text.data.due(date(deletion.due_at), ago(deletion.due_at, Date.now()))}</p>
        <p className="text-sm text-muted">{text.data.asksOn(date(deletion.requested_at))}</p>
      </div>
      {isAllowed && (
        <Button look="primary" isBusy={keeping.isPending} onClick={() => keeping.mutate()}>
          {text.data.keep}
        </Button>
      )}
    </div>
  );
}
