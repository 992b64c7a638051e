import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

const look = `min-h-11 w-full rounded-md border bg-surface px-3 text-base placeholder:text-muted sm:min-h-10
  disabled:opacity-60 aria-invalid:border-bad border-edge`;

interface Labelled {
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value. */
  error?: string | undefined;
}

/** A labelled line of text. */
export function Field({ label, hint, error, className = "", ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input {...described(id, hint, error)} className={`${look} ${className}`} {...rest} />
    </Frame>
  );
}

/** Labelled text of several lines. */
export function TextArea({ label, hint, error, className = "", ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea {...described(id, hint, error)} rows={3} className={`${look} py-2 ${className}`} {...rest} />
    </Frame>
  );
}

/** A labelled choice. */
export function Select({ label, hint, error, className = "", ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select {...described(id, hint, error)} className={`${look} ${className}`} {...rest} />
    </Frame>
  );
}

/** One yes or no within a form. */
export function Checkbox({ label, hint, error, className = "", ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={`grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 ${className}`}>
      <input
        {...described(id, hint, error)}
        type="checkbox"
        className="mt-0.5 size-5 accent-accent"
        {...rest}
      />
      <label htmlFor={id}>{label}</label>
      <span className="col-start-2">
        <Notes id={id} hint={hint} error={error} />
      </span>
    </div>
  );
}

interface Option {
  value: string;
  label: string;
  hint?: ReactNode;
}

interface ChoiceProps {
  label: string;
  name: string;
  options: readonly Option[];
  value: string;
  onChange: (value: string) => void;
}

/** A choice among few, each with a sentence about it. */
export function Choice({ label, name, options, value, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="grid grid-cols-[auto_1fr] items-start gap-x-3 rounded-md border border-line p-3
            has-checked:border-accent has-checked:bg-accent/6"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            aria-describedby={option.hint === undefined ? undefined : `${id}-${option.value}`}
            className="mt-0.5 size-5 accent-accent"
          />
          <span className="font-medium">{option.label}</span>
          {option.hint !== undefined && (
            <span id={`${id}-${option.value}`} className="col-start-2 text-sm text-muted">
              {option.hint}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}

function described(id: string, hint: ReactNode, error: string | undefined) {
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return {
    id,
    ...(notes !== "" && { "aria-describedby": notes }),
    ...(error !== undefined && { "aria-invalid": true }),
  };
}

function Frame({ id, label, hint, error, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      {children}
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

function Notes({ id, hint, error }: { id: string; hint: ReactNode; error: string | undefined }) {
  return (
    <>
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm font-medium text-bad">
          {error}
        </p>
      )}
    </>
  );
}
