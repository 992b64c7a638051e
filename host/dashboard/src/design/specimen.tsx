import type { ReactNode } from "react";

/** An address as people copy them. */
export const address = "rtmp://stream.example.com:1935/live";

/** One thing with its name beside it. */
export function Specimen({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-6 gap-y-2 border-t border-line py-4 first:border-t-0 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <h3 className="text-sm font-semibold text-muted">{name}</h3>
      <div className="grid min-w-0 justify-items-start gap-3">{children}</div>
    </div>
  );
}
