/** What shows short messages. */

import { Toast } from "@base-ui/react/toast";
import { Icon } from "./icon";
import { text } from "./text";

export const manager = Toast.createToastManager();

/** Where messages appear; once, in the frame of all pages. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      <Toast.Portal>
        <Toast.Viewport
          aria-label={text.notifications}
          aria-keyshortcuts="F6"
          className="fixed inset-x-4 bottom-4 z-40 grid gap-2 sm:start-auto sm:end-6 sm:bottom-6 sm:w-96"
        >
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={`rounded-lg border border-line bg-ink text-canvas shadow-raised transition
        data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-3 data-starting-style:opacity-0
        ${toast.type === "error" ? "border-s-4 border-s-bad" : ""}`}
    >
      <Toast.Content className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5 ps-4 pe-1.5 text-sm">
        <div className="min-w-0 flex-1 basis-40 py-1.5">
          <Toast.Title className="font-semibold wrap-anywhere" />
          <Toast.Description />
        </div>
        <Toast.Action className="min-h-10 rounded-md px-3 font-bold underline underline-offset-4" />
        <Toast.Close aria-label={text.dismiss} className="grid size-10 place-items-center rounded-md">
          <Icon name="close" className="size-4" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
