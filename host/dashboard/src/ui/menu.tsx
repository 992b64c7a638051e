import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

interface Props {
  /** The button that opens it. */
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
}

/** A menu of actions. */
export function Menu({ trigger, children, align = "end" }: Props) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-30 outline-none">
          <Base.Popup
            className="min-w-52 rounded-lg border border-line bg-surface p-1 shadow-raised outline-none transition
              data-starting-style:-translate-y-1 data-starting-style:opacity-0"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const itemLook = `flex min-h-11 w-full items-center gap-2.5 rounded-md px-3 text-start text-sm sm:min-h-9
  data-highlighted:bg-sunken data-disabled:opacity-55 outline-none cursor-default`;

interface ItemProps {
  onClick: () => void;
  children: ReactNode;
  isDangerous?: boolean;
  disabled?: boolean;
}

export function MenuItem({ onClick, children, isDangerous = false, disabled = false }: ItemProps) {
  return (
    <Base.Item onClick={onClick} disabled={disabled} className={`${itemLook} ${isDangerous ? "text-bad" : ""}`}>
      {children}
    </Base.Item>
  );
}

/** An entry that leads somewhere: `link` is the link without its content. */
export function MenuLink({ link, children }: { link: ReactElement; children: ReactNode }) {
  return (
    <Base.Item render={link} className={itemLook}>
      {children}
    </Base.Item>
  );
}

interface RadioProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string; lang?: string }[];
  onChange: (value: string) => void;
}

/** One of several within a menu. */
export function MenuChoice({ label, value, options, onChange }: RadioProps) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-3 pt-2 pb-1 text-xs font-semibold text-muted">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next) => onChange(String(next))}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} lang={option.lang} className={itemLook}>
            <span aria-hidden className="grid w-4 place-items-center">
              <Base.RadioItemIndicator>✓</Base.RadioItemIndicator>
            </span>
            {option.label}
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
