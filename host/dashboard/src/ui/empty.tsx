import type { ReactNode } from "react";

/** What stands where nothing is yet: what it would be, and how to get it. */
export function Empty({ title, hint, children }: { title: string; hint: ReactNode; children?: ReactNode }) {
  return (
    <div className="grid justify-items-start gap-2 rounded-lg border border-dashed border-edge px-5 py-8 sm:px-8">
      <p className="text-lg font-semibold">{title}</p>
      <p className="max-w-[60ch] text-muted">{hint}</p>
      {children !== undefined && <div className="mt-2 flex flex-wrap gap-2">{children}</div>}
    </div>
  );
}
