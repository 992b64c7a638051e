import { useState } from "react";
import { Actions } from "./actions";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ErrorNote } from "./error-note";
import { text } from "./text";

interface Props {
  label: string;
  consequence: string;
  action: () => Promise<unknown>;
  onClose: () => void;
}

/** Says what will happen, and does it. */
export function ConfirmDialog({ label, consequence, action, onClose }: Props) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setIsBusy(true);
    try {
      await action();
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Dialog title={label} intro={consequence} onClose={onClose}>
      <ErrorNote error={error} />
      <Actions>
        <Button onClick={onClose}>{text.cancel}</Button>
        <Button look="danger" isBusy={isBusy} onClick={() => void confirm()}>
          {label}
        </Button>
      </Actions>
    </Dialog>
  );
}
