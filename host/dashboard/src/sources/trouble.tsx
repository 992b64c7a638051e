import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useIsAtLeast } from "../api/standing";
import type { Destination } from "../api/types";
import { secondsUntil } from "../format/format";
import { inPlainWords, type Remedy } from "../live/reasons";
import { Button, buttonLook } from "../ui/button";
import { notify, notifyError } from "../ui/toast";
import type { ReasonBody } from "../../generated/schema";
import { text } from "./destinations/text";
import { useRetryDestination } from "./queries";
import { ReasonTold } from "./reason-told";

interface Props {
  destination: Destination;
  reason: ReasonBody;
  name: string;
  onEdit: () => void;
}

/** Why it is not as it should be, and the way to what helps. */
export function Trouble({ destination, reason, name, onEdit }: Props) {
  const { state, next_attempt } = destination;
  const mayChange = useIsAtLeast("editor");
  const { remedy } = inPlainWords(reason);
  const isStopped = state === "failed" || state === "retrying";
  return (
    <div className="grid gap-3 rounded-md bg-sunken px-4 py-3">
      <ReasonTold reason={reason}>
        {state === "retrying" && next_attempt != null && <NextAttempt at={next_attempt} />}
      </ReasonTold>
      {mayChange && isStopped && (
        <div className="flex flex-wrap gap-2">
          <RetryButton id={destination.id} name={name} />
          <RemedyButton remedy={remedy} destination={destination} onEdit={onEdit} />
        </div>
      )}
    </div>
  );
}

interface RemedyProps {
  remedy: Remedy;
  destination: Destination;
  onEdit: () => void;
}

/** Where the button to edit does not say enough. */
function RemedyButton({ remedy, destination, onEdit }: RemedyProps) {
  if (remedy === "account") return <Button onClick={onEdit}>{text.destinations.connectAgain}</Button>;
  if (remedy !== "plugin" || destination.installation_id == null) return null;
  return (
    <Link
      to="/plugins/installed/$installationId"
      params={{ installationId: destination.installation_id }}
      className={buttonLook("quiet")}
    >
      {text.destinations.toPlugin}
    </Link>
  );
}

function RetryButton({ id, name }: { id: string; name: string }) {
  const retry = useRetryDestination(id);
  const go = () =>
    retry.mutate(undefined, { onSuccess: () => notify(text.destinations.retrying(name)), onError: notifyError });
  return (
    <Button isBusy={retry.isPending} onClick={go} aria-label={text.destinations.retryOf(name)}>
      {text.destinations.retry}
    </Button>
  );
}

/** Counts down; not read out, the state itself is. */
function NextAttempt({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = secondsUntil(at, now);
  return (
    <span aria-hidden className="font-normal text-muted tabular-nums">
      {" · "}
      {seconds > 0 ? text.destinations.nextAttempt(seconds) : text.destinations.nextAttemptNow}
    </span>
  );
}
