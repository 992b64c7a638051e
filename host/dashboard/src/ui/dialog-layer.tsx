import { Dialog as Base } from "@base-ui/react/dialog";
import type { DialogProps } from "./dialog";
import { Icon } from "./icon";
import { text } from "./text";

/** What [`Dialog`] loads. */
export function DialogLayer({ title, intro, onClose, children, size = "small", isPinned = false }: DialogProps) {
  return (
    <Base.Root open disablePointerDismissal={isPinned} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 bg-[rgb(12_10_6/0.55)] transition-opacity data-starting-style:opacity-0" />
        <Base.Viewport className="fixed inset-0 grid items-end overflow-y-auto sm:place-items-center sm:p-6">
          <Base.Popup
            className={`grid w-full gap-5 rounded-t-lg border border-line bg-surface p-5 shadow-raised outline-none
              transition data-starting-style:translate-y-3 data-starting-style:opacity-0 sm:rounded-lg sm:p-6
              ${size === "large" ? "sm:max-w-3xl" : "sm:max-w-lg"}`}
          >
            <header className="grid grid-cols-[1fr_auto] items-start gap-3">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              <Base.Close
                aria-label={text.close}
                className="-m-2 grid size-11 place-items-center rounded-md text-muted hover:text-ink"
              >
                <Icon name="close" />
              </Base.Close>
              {intro !== undefined && (
                <Base.Description className="col-span-full text-muted">{intro}</Base.Description>
              )}
            </header>
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
