import { Switch as Base } from "@base-ui/react/switch";

interface Props {
  /** For screen readers where the place says it to the eye. */
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  disabled?: boolean;
}

/** On or off, at once. */
export function Switch({ label, isOn, onChange, disabled = false }: Props) {
  return (
    <Base.Root
      aria-label={label}
      checked={isOn}
      disabled={disabled}
      onCheckedChange={onChange}
      // The hand needs 44 pixels, the eye does not.
      className="relative h-6 w-11 shrink-0 rounded-full border border-edge bg-sunken transition-colors
        before:absolute before:-inset-2.5 data-checked:border-accent data-checked:bg-accent data-disabled:opacity-55"
    >
      <Base.Thumb
        className="absolute start-0.5 top-1/2 size-4.5 -translate-y-1/2 rounded-full bg-muted transition-transform
          data-checked:translate-x-5 data-checked:bg-on-accent rtl:data-checked:-translate-x-5"
      />
    </Base.Root>
  );
}
