import type { ReactNode } from "react";

/** The buttons at the end of a dialog or a form: the one that acts comes last. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap justify-end gap-2">{children}</div>;
}
