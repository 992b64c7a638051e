/** Dialogs of the player: the browser's own, which keep the focus, close with Escape and lie above a full screen. */

import { iconButton, make } from "./elements";
import { text } from "./text";

/** Shows `content` under a title until it is closed; then the dialog is gone, and the focus back where it was. */
export function showDialog(within: HTMLElement, title: string, ...content: Node[]) {
  const heading = make("h2", { id: "player-dialog-title" }, title);
  const close = iconButton("close", text.close);
  const dialog = make(
    "dialog",
    { class: "player-dialog", "aria-labelledby": heading.id },
    make("div", { class: "player-dialog-top" }, heading, close),
    ...content,
  );
  const opener = document.activeElement;
  close.addEventListener("click", () => dialog.close());
  // A press beside it, on its backdrop, is one on the dialog itself.
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target !== dialog) return;
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isInside =
      event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (!isInside) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener instanceof HTMLElement) opener.focus();
  });
  within.append(dialog);
  dialog.showModal();
}
