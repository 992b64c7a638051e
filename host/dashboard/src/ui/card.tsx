import type { ReactNode } from "react";

interface Props {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled region of a page. */
export function Card({ title, actions, children }: Props) {
  return (
    <section className="rounded-2xl border border-line bg-surface">
      {title !== undefined && (
        <header className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-5 py-3.5">
          <h2 className="text-base font-semibold">{title}</h2>
          {actions}
        </header>
      )}
      <div className="p-5">{children}</div>
    </section>
  );
}

/** What stands where nothing is yet. */
export function Empty({ title, hint, children }: { title: string; hint: string; children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      <p className="max-w-md text-sm text-muted text-balance">{hint}</p>
      {children !== undefined && <div className="mt-3">{children}</div>}
    </div>
  );
}
