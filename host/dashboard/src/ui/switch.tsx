interface Props {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  disabled?: boolean;
}

/** On or off, at once. The label is for screen readers; the place says it to the eye. */
export function Switch({ label, isOn, onChange, disabled }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!isOn)}
      className={`relative h-6 w-11 shrink-0 rounded-full border transition-colors
        ${isOn ? "border-accent bg-accent" : "border-line bg-sunken"}`}
    >
      <span
        className={`absolute top-1/2 left-0.5 size-4.5 -translate-y-1/2 rounded-full transition-transform
          ${isOn ? "translate-x-5 bg-on-accent" : "bg-muted"}`}
      />
    </button>
  );
}
