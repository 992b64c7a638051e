import { useState } from "react";
import { Button } from "./button";
import { Actions, Dialog } from "./dialog";
import { ErrorNote } from "./error-note";
import { text } from "./text";

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
        <Dialog title={label} intro={consequence} onClose={close}>
          <ErrorNote error={error} />
          <Actions>
            <Button onClick={close}>{text.cancel}</Button>
            <Button look="danger" isBusy={isBusy} onClick={() => void confirm()}>
              {label}
            </Button>
          </Actions>
        </Dialog>
      )}
    </>
  );
}
