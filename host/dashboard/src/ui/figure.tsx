import type { ReactNode } from "react";

/** Measured values side by side. Give it `Figure`s. */
export function Figures({ children, className = "" }: { children: ReactNode; className?: string }) {
  return <dl className={`flex flex-wrap gap-x-8 gap-y-4 ${className}`}>{children}</dl>;
}

interface Props {
  label: string;
  value: ReactNode;
  /** A second line, such as what the value should be. */
  note?: ReactNode;
  isLarge?: boolean;
}

/** One measured value with its name; lives in `Figures`. */
export function Figure({ label, value, note, isLarge = false }: Props) {
  return (
    <div className="min-w-20">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className={`mt-0.5 font-semibold tabular-nums ${isLarge ? "text-xl" : "text-base"}`}>{value}</dd>
      {note !== undefined && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  );
}

interface MeterProps {
  label: string;
  used: number;
  /** Undefined where there is no limit. */
  max: number | undefined;
  /** `3 of 10` in words. */
  value: string;
  note?: ReactNode;
}

/** How much of a limit is used; from 80 % on in the colour of what wants attention. */
export function Meter({ label, used, max, value, note }: MeterProps) {
  const share = max === undefined ? 0 : max === 0 ? 1 : Math.min(1, used / max);
  const colour = share >= 1 ? "bg-bad" : share >= 0.8 ? "bg-warn" : "bg-accent";
  return (
    <div className="grid content-start gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="text-sm font-semibold">{label}</span>
        <span className="text-sm tabular-nums">{value}</span>
      </div>
      {max !== undefined && (
        <div
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={max}
          aria-valuenow={Math.min(used, max)}
          aria-valuetext={value}
          className="h-2 overflow-hidden rounded-full bg-sunken"
        >
          <div className={`h-full ${colour}`} style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {note !== undefined && <p className="text-sm text-muted">{note}</p>}
    </div>
  );
}
