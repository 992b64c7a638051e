/** What to copy to share a stream: the link to its page, and the code that shows its player elsewhere. */

import { showDialog } from "./dialog";
import { make } from "./elements";
import { embedCode, sharedLink, type Shape } from "./share";
import type { StreamAddress } from "./address";
import { text } from "./text";

/** How long a button says that it has copied. */
const SHOWN_MS = 2000;

export function showShare(within: HTMLElement, { playbackId, token }: StreamAddress, title: string, picture: Shape) {
  const said = make("span", { class: "visually-hidden", role: "status" });
  const parts = [
    copyField(text.shareLink, sharedLink(location.origin, playbackId), said),
    copyField(text.shareEmbed, embedCode(location.origin, playbackId, title, picture), said),
  ];
  if (token !== undefined) parts.unshift(make("p", {}, text.shareToken));
  showDialog(within, text.share, ...parts, said);
}

function copyField(label: string, value: string, said: HTMLElement): HTMLElement {
  const area = make("textarea", { readonly: true, rows: value.length > 80 ? "6" : "1", dir: "ltr", spellcheck: "false" }, value);
  const button = make("button", { type: "button", "aria-label": text.copyOf(label) }, text.copy);
  area.addEventListener("focus", () => area.select());
  button.addEventListener("click", () => {
    void copy(area).then(() => {
      button.textContent = said.textContent = text.copied;
      setTimeout(() => {
        button.textContent = text.copy;
        said.textContent = "";
      }, SHOWN_MS);
    });
  });
  const named = make("label", {}, label, area);
  return make("div", { class: "player-copy" }, named, button);
}

/** Pages without HTTPS have no clipboard: there the selection is copied. */
async function copy(area: HTMLTextAreaElement) {
  try {
    await navigator.clipboard.writeText(area.value);
  } catch {
    area.select();
    document.execCommand("copy");
  }
}
