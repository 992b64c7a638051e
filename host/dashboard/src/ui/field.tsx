import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";

const look = `min-h-11 w-full rounded-lg border border-line bg-surface px-3 text-base
  placeholder:text-muted/70 sm:text-sm`;

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
}

/** A labelled line of text. */
export function Field({ label, hint, ...rest }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input id={id} className={look} aria-describedby={hint === undefined ? undefined : hintId} {...rest} />
      {hint !== undefined && (
        <p id={hintId} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

interface SelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  children: ReactNode;
}

/** A labelled choice. */
export function Select({ label, children, ...rest }: SelectProps) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select id={id} className={look} {...rest}>
        {children}
      </select>
    </div>
  );
}
