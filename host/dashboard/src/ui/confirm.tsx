import { useState } from "react";
import { text } from "../text/text";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ErrorNote } from "./error-note";

interface Props {
  label: string;
  question: string;
  action: () => Promise<unknown>;
  look?: "quiet" | "danger";
  /** Says what the button is about where its label alone does not. */
  describedAs?: string;
}

/** A button whose action happens after a question. */
export function ConfirmButton({ label, question, action, look = "danger", describedAs }: Props) {
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const close = () => {
    setIsAsking(false);
    setError(undefined);
  };
  const confirm = async () => {
    setIsBusy(true);
    try {
      await action();
      close();
    } catch (cause) {
      setError(cause);
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <>
      <Button look={look} onClick={() => setIsAsking(true)} aria-label={describedAs}>
        {label}
      </Button>
      {isAsking && (
        <Dialog title={label} onClose={close}>
          <p className="text-muted">{question}</p>
          <ErrorNote error={error} />
          <div className="flex justify-end gap-2">
            <Button onClick={close}>{text.common.cancel}</Button>
            <Button look={look === "danger" ? "danger" : "primary"} onClick={() => void confirm()} disabled={isBusy}>
              {label}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
