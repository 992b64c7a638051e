import { useLayoutEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Actions } from "./actions";
import { Button } from "./button";
import { ErrorNote, problemsByPlace } from "./error-note";
import { text } from "./text";

interface Props {
  /** Does what the form is for; what it throws is shown. */
  send: (fields: FormData) => Promise<unknown>;
  submitLabel: string;
  look?: "primary" | "danger" | "quiet";
  /** Goes away without doing it. */
  onCancel?: () => void;
  /** The fields. They are given what was refused about each, by its name. */
  children: ReactNode | ((problems: Record<string, string>) => ReactNode);
  /** Empties the fields once it is done. */
  isCleared?: boolean;
}

/** A form that sends itself: busy while it works, and what was refused stands at its field or at the end. */
export function Form({ send, submitLabel, look = "primary", onCancel, children, isCleared = false }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const problems = problemsByPlace(error);
  const [isPlaced, setIsPlaced] = useState(false);

  // Where the fault is, there goes the focus: it is read out with the field.
  useLayoutEffect(() => {
    const fields = Object.keys(problemsByPlace(error)).map((place) => form.current?.elements.namedItem(place));
    const first = fields.find((field) => field instanceof HTMLElement);
    setIsPlaced(fields.length > 0 && fields.every((field) => field instanceof HTMLElement));
    if (first instanceof HTMLElement) first.focus();
  }, [error]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // Dialogs stand within pages for React, and so does a form in one.
    event.stopPropagation();
    if (isBusy) return;
    const fields = new FormData(event.currentTarget);
    setIsBusy(true);
    setError(undefined);
    try {
      await send(fields);
      if (isCleared) form.current?.reset();
    } catch (cause) {
      setError(cause);
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <form ref={form} onSubmit={(event) => void submit(event)} className="grid min-w-0 gap-5">
      {typeof children === "function" ? children(problems) : children}
      {!isPlaced && <ErrorNote error={error} />}
      <Actions>
        {onCancel !== undefined && <Button onClick={onCancel}>{text.cancel}</Button>}
        <Button type="submit" look={look} isBusy={isBusy}>
          {submitLabel}
        </Button>
      </Actions>
    </form>
  );
}

/** A text of a sent form, without spaces around it; empty where there is none. */
export function textOf(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "").trim();
}

/** A text of a sent form as it was typed, such as a password. */
export function secretOf(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "");
}
