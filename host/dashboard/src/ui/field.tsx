import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";

const look = `min-h-11 w-full rounded-lg border border-line bg-surface px-3 text-base
  placeholder:text-muted/80 sm:text-sm`;

interface Labelled {
  label: string;
  hint?: string | undefined;
}

/** A labelled line of text. */
export function Field({ label, hint, ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint}>
      <input id={id} className={look} aria-describedby={hint && `${id}-hint`} {...rest} />
    </Frame>
  );
}

/** A labelled choice. */
export function Select({ label, hint, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint}>
      <select id={id} className={look} aria-describedby={hint && `${id}-hint`} {...rest} />
    </Frame>
  );
}

function Frame({ id, label, hint, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}
