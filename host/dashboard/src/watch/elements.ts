/** Elements and icons of the player, made by hand: its pages come without a framework. */

type Tag = keyof HTMLElementTagNameMap;

/** An element with attributes and children. An attribute that is `true` has no value, one that is `false` is left out. */
export function make<T extends Tag>(
  tag: T,
  attributes: Record<string, string | boolean> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** A button with an icon, and its name in words. */
export function iconButton(icon: IconName, name: string, attributes: Record<string, string> = {}): HTMLButtonElement {
  const button = make("button", { type: "button", class: "player-button", ...attributes }, drawn(icon));
  rename(button, name);
  return button;
}

/** Gives a button without words another name, also for whoever rests on it with the mouse. */
export function rename(button: HTMLElement, name: string) {
  if (button.getAttribute("aria-label") === name) return;
  button.setAttribute("aria-label", name);
  button.title = name;
}

/** Gives an icon button another icon. */
export function redraw(button: HTMLElement, icon: IconName) {
  const shown = button.querySelector("svg");
  if (shown?.dataset["icon"] !== icon) shown?.replaceWith(drawn(icon));
}

/** Writes only what is new: screen readers and the browser's layout notice every writing. */
export function write(element: HTMLElement, words: string) {
  if (element.textContent !== words) element.textContent = words;
}

/** Icons of the same hand as the dashboard's: 20 by 20, strokes of 1.6. */
const strokes = {
  play: "M6 4l10 6-10 6z",
  pause: "M7 4v12M13 4v12",
  sound: "M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.3 5a7 7 0 0 1 0 10",
  silent: "M3 8v4h3l4 3.5v-11L6 8zM13.5 8l4 4M17.5 8l-4 4",
  quality: "M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4",
  pictureInPicture: "M2.5 4h15v12h-15zM10.5 10h5v4h-5z",
  fullScreen: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
  leaveFullScreen: "M7 3v4H3M17 7h-4V3M13 17v-4h4M3 13h4v4",
  help: "M7.2 7.6a2.8 2.8 0 1 1 4.3 2.4c-.9.6-1.5 1.1-1.5 2.2M10 15.2v.1",
  viewers: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4",
  share: "M10 12V3M6.5 6 10 2.5 13.5 6M4 10v7h12v-7",
  close: "m5 5 10 10M15 5 5 15",
};

export type IconName = keyof typeof strokes;

const SVG = "http://www.w3.org/2000/svg";

export function drawn(name: IconName): SVGSVGElement {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 20 20");
  icon.setAttribute("aria-hidden", "true");
  icon.dataset["icon"] = name;
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", strokes[name]);
  icon.append(path);
  return icon;
}
