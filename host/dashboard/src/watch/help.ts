/** The list of keys, and the switch that turns them off: whoever speaks to the computer may press them unmeant. */

import { showDialog } from "./dialog";
import { make } from "./elements";
import type { Action } from "./keyboard";
import { keysByAction } from "./keys";
import { areKeysUsed, useKeys } from "./memory";
import { text } from "./text";

export function showHelp(within: HTMLElement) {
  const rows = (Object.keys(keysByAction) as Action["do"][]).map((action) =>
    make(
      "div",
      {},
      make("dt", {}, text.keys[action]),
      make("dd", { dir: "ltr" }, ...keysByAction[action].map((key) => make("kbd", {}, key === "space" ? text.keyNames.space : key))),
    ),
  );
  const box = make("input", { type: "checkbox", checked: areKeysUsed() });
  box.addEventListener("change", () => useKeys(box.checked));
  showDialog(
    within,
    text.help,
    make("dl", { class: "player-keys" }, ...rows),
    make("label", { class: "player-check" }, box, text.singleKeys),
  );
}
