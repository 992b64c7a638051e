/** The list of keys that viewers see; it comes with the dialog that shows it. */

import type { Action } from "./keyboard";

/** Keys by what they do, for the list that viewers see. `space` is named in their language, the others say it. */
export const keysByAction: Record<Action["do"], string[]> = {
  togglePlay: ["space", "K"],
  toggleMute: ["M"],
  volume: ["↑", "↓"],
  seek: ["←", "→"],
  live: ["L"],
  toggleFullScreen: ["F"],
  togglePictureInPicture: ["I"],
  help: ["?"],
};
