import { lazy, Suspense, type ReactNode } from "react";

export { Actions } from "./actions";

const DialogLayer = lazy(() => import("./dialog-layer").then(({ DialogLayer }) => ({ default: DialogLayer })));

export interface DialogProps {
  title: string;
  /** A sentence under the title. */
  intro?: ReactNode;
  onClose: () => void;
  children: ReactNode;
  size?: "small" | "large";
  /** Stays until its own button is pressed, for what is lost once it is away. */
  isPinned?: boolean;
}

/**
 * A modal dialog, shown for as long as it is rendered: it keeps the focus and closes on Escape.
 *
 * What makes it is loaded with the first one: a page that could open a dialog does not wait for it.
 */
export function Dialog(props: DialogProps) {
  return (
    <Suspense>
      <DialogLayer {...props} />
    </Suspense>
  );
}
