/** Which key does what. */

/** What a key asks the player for. */
export type Action =
  | { do: "togglePlay" | "toggleMute" | "live" | "toggleFullScreen" | "togglePictureInPicture" | "help" }
  | { do: "volume"; by: number }
  | { do: "seek"; byS: number };

/** What a press of an arrow changes. */
export const VOLUME_STEP = 0.05;
export const SEEK_STEP_S = 5;

const actions: Record<string, Action> = {
  " ": { do: "togglePlay" },
  k: { do: "togglePlay" },
  m: { do: "toggleMute" },
  ArrowUp: { do: "volume", by: VOLUME_STEP },
  ArrowDown: { do: "volume", by: -VOLUME_STEP },
  ArrowLeft: { do: "seek", byS: -SEEK_STEP_S },
  ArrowRight: { do: "seek", byS: SEEK_STEP_S },
  l: { do: "live" },
  f: { do: "toggleFullScreen" },
  i: { do: "togglePictureInPicture" },
  "?": { do: "help" },
};

/** The part of a `KeyboardEvent` that decides. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
}

/** What has the focus: something that takes text or arrows itself, something that is pressed, or the rest of the page. */
export type Focus = "field" | "button" | "elsewhere";

/** What a key asks for; undefined where it is not the player's. */
export function actionOf(press: KeyPress, focus: Focus): Action | undefined {
  // Ctrl+F is the browser's.
  if (press.ctrlKey || press.metaKey || press.altKey || focus === "field") return undefined;
  // The button under the focus is what the space bar presses.
  if (focus === "button" && press.key === " ") return undefined;
  const name = letterOf(press) ?? press.key;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  // Held down, a key does not switch on and off over and over.
  const isGradual = action?.do === "volume" || action?.do === "seek";
  return press.repeat && !isGradual ? undefined : action;
}

/** The Latin letter of a key: on an Arabic or Hindi keyboard the one printed in its place. */
function letterOf({ key, code }: KeyPress): string | undefined {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  const isOtherScript = /^\p{L}\p{M}*$/u.test(key);
  return isOtherScript ? /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() : undefined;
}
