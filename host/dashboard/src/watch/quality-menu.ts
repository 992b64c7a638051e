/** The menu of qualities: opens above its button, is walked through with arrows, and closes where one looks away. */

import { make } from "./elements";
import { AUTOMATIC, choices, type Choice } from "./quality";
import type { Stream } from "./stream";
import { text } from "./text";

/** Gives `button` its menu, within `element`, and opens that. */
export function attachQualityMenu(
  element: HTMLElement,
  button: HTMLElement,
  stream: Stream,
  video: HTMLVideoElement,
) {
  const menu = make("div", { class: "player-menu", role: "menu", "aria-label": text.quality, hidden: true });
  const lines = () => [...menu.querySelectorAll<HTMLButtonElement>("button")];

  const close = (givesFocusBack: boolean) => {
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (givesFocusBack) button.focus();
  };
  const open = () => {
    const { chosen, playing } = stream.playback?.level() ?? { chosen: AUTOMATIC, playing: -1 };
    const found = choices(stream.playback?.levels() ?? [], chosen, playing, video.videoHeight);
    menu.replaceChildren(
      ...found.map((choice) =>
        line(choice, () => {
          stream.playback?.chooseLevel(choice.level);
          close(true);
        }),
      ),
    );
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (lines().find((one) => one.ariaChecked === "true") ?? lines()[0])?.focus();
  };

  button.addEventListener("click", () => (menu.hidden ? open() : close(true)));
  menu.addEventListener("keydown", (event) => {
    const all = lines();
    const here = all.indexOf(event.target as HTMLButtonElement);
    const next: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
    const place = next[event.key];
    if (event.key === "Escape") close(true);
    else if (place !== undefined) all.at(place % all.length)?.focus();
    else return;
    // The arrows are the menu's now, not the volume's.
    event.preventDefault();
    event.stopPropagation();
  });
  // Safari gives a pressed button no focus, and would take it from the menu: it would close before the press counts.
  element.addEventListener("mousedown", (event) => event.preventDefault());
  element.addEventListener("focusout", (event) => {
    if (!element.contains(event.relatedTarget as Node | null)) close(false);
  });
  element.append(menu);
  open();
}

function line({ level, name, isChosen }: Choice, choose: () => void): HTMLButtonElement {
  const isNamed = level !== AUTOMATIC;
  const words = isNamed ? name : isChosen && name !== "" ? text.qualityAutoAt(name) : text.qualityAuto;
  const button = make(
    "button",
    { type: "button", role: "menuitemradio", "aria-checked": String(isChosen), tabindex: "-1" },
    words,
  );
  button.addEventListener("click", choose);
  return button;
}
