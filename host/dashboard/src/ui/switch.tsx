interface Props {
  /** For screen readers where the place says it to the eye. */
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  disabled?: boolean;
}

/** On or off, at once. A checkbox underneath: it needs no script to be operated. */
export function Switch({ label, isOn, onChange, disabled = false }: Props) {
  return (
    <span className="relative inline-flex h-6 w-11 shrink-0">
      <input
        type="checkbox"
        role="switch"
        aria-label={label}
        checked={isOn}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        // The hand needs 44 pixels, the eye does not.
        className="peer size-full appearance-none rounded-full border border-edge bg-sunken transition-colors
          before:absolute before:-inset-2.5 checked:border-accent checked:bg-accent disabled:opacity-55"
      />
      <span
        aria-hidden
        className="pointer-events-none absolute start-1 top-1/2 size-4.5 -translate-y-1/2 rounded-full bg-muted
          transition-transform peer-checked:translate-x-4.5 peer-checked:bg-on-accent
          rtl:peer-checked:-translate-x-4.5 forced-colors:bg-[CanvasText]"
      />
    </span>
  );
}
