import { lazy, Suspense, useState } from "react";
import { Button } from "./button";

// A page does not wait for what opens on a press.
const ConfirmDialog = lazy(() => import("./confirm-dialog").then(({ ConfirmDialog }) => ({ default: ConfirmDialog })));

interface Props {
  label: string;
  /** What will happen, where it cannot be taken back. What can be is done at once, with `removeWithUndo`. */
  consequence: string;
  action: () => Promise<unknown>;
  look?: "quiet" | "danger" | "plain";
  /** Says what the button is about where its label alone does not. */
  describedAs?: string;
}

/** A button for what cannot be taken back: its dialog says what will happen. */
export function ConfirmButton({ label, consequence, action, look = "danger", describedAs }: Props) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button look={look} onClick={() => setIsAsking(true)} aria-label={describedAs}>
        {label}
      </Button>
      {isAsking && (
        <Suspense>
          <ConfirmDialog label={label} consequence={consequence} action={action} onClose={() => setIsAsking(false)} />
        </Suspense>
      )}
    </>
  );
}
