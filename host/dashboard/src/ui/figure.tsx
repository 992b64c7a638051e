interface Props {
  label: string;
  value: string;
  className?: string;
}

/** One measured value with its name; lives in a `<dl>`. */
export function Figure({ label, value, className = "" }: Props) {
  return (
    <div className={className}>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="mt-0.5 text-sm font-medium tabular-nums">{value}</dd>
    </div>
  );
}
